"""The far side of CXone Digital chat."""

from .channel import (
    BRAND,
    Choice,
    CXoneChannel,
    FieldDefinition,
    FileType,
    MenuItem,
    Survey,
    Trigger,
    channel_id,
    default_channels,
    login_channels,
)

__all__ = [
    "BRAND",
    "CXoneChannel",
    "Choice",
    "FieldDefinition",
    "FileType",
    "MenuItem",
    "Survey",
    "Trigger",
    "channel_id",
    "default_channels",
    "login_channels",
]
