"""The far side of Bright Pattern's Mobile/Web Messaging API."""

from .channel import APP_ID, BrightPatternChannel, IceServer, Parameter, default_channel

__all__ = ["APP_ID", "BrightPatternChannel", "IceServer", "Parameter", "default_channel"]
