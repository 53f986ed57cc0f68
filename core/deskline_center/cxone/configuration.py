"""The channel configuration (CXone wire reference, section 2.2), with all that any client needs of it."""

from .channel import CXoneChannel, FieldDefinition, Survey
from .envelopes import Wire

__all__ = ["channel_configuration", "file_restrictions"]

_COLOURS = {
    "buttonColor": "#005577",
    "headerBgColor": "#005577",
    "headerFontColor": "#ffffff",
    "themeColor": "#005577",
    "textColor": "#222222",
    "widgetBgColor": "#005577",
    "widgetFontColor": "#ffffff",
}


def channel_configuration(channel: CXoneChannel, *, online: bool) -> Wire:
    """The whole answer to a GET of the channel."""
    return {
        "name": channel.name,
        "channelIdOnExternalPlatform": channel.id.removeprefix("chat_"),
        "isLiveChat": channel.mode == "live",
        "isAuthorizationEnabled": channel.authentication == "oauth",
        "isSecuredCookieEnabled": channel.authentication == "cookie",
        "isUnsecuredConnectionAllowed": channel.session == "legacy" or channel.unsecured_allowed,
        "availability": {"status": "online" if online else "offline"},
        "settings": _settings(channel),
        "preContactForm": None if channel.survey is None else _survey(channel.survey, channel.id),
        "endUserCustomFields": [_definition(field) for field in channel.customer_fields],
        "caseCustomFields": [_definition(field) for field in channel.contact_fields],
        "translations": {"beginButton": "Start"},
        "translationsLocale": "en_US",
        "colors": _COLOURS,
        "widget": {"appearance": "bubble", "position": "right"},
        "popups": [],
        "customCss": "",
        "customJs": "",
        "customJsFiles": "",
        "webSecurityConfiguration": {},
    }


def _settings(channel: CXoneChannel) -> Wire:
    return {
        "hasMultipleThreadsPerEndUser": channel.mode == "multi",
        "isProactiveChatEnabled": channel.proactive,
        "liveChatAllowTranscript": channel.transcripts,
        "securedSessions": channel.session == "secured",
        "hasPageViews": True,
        "liveChatShowOfflineForm": False,
        "liveChatOfflineForm": {"isEnabled": False, "isCustom": False, "html": ""},
        "liveChatHiddenOnOffline": False,
        "liveChatTranscriptChannelId": "",
        "liveChatAllowAudioNotification": False,
        "isGroupChatAllowed": channel.group_chat,
        "canCustomerInviteToGroupChat": channel.invitations,
        "canAgentInviteToGroupChat": False,
        "platformChannelIdToSendInvitationCode": "",
        "emailInvitationContent": "",
        "emailInvitationLink": "",
        "enableChatTypingPreview": channel.previews,
        "enablePersistentMenu": bool(channel.menu),
        "chatRedesign": False,
        "pushNotifications": {"title": "", "body": "", "isActive": False, "pinpointProjectId": "", "deeplink": ""},
        "fileRestrictions": file_restrictions(channel),
        "features": _features(channel),
    }


def _features(channel: CXoneChannel) -> dict[str, bool]:
    """The toggles. A missing key counts as enabled on mobile clients, so the decisive ones are always there."""
    return {
        "securedSessions": channel.session == "secured",
        "isRecoverLivechatDoesNotFailEnabled": channel.recover_never_fails,
        "isProactiveChatEnabled": channel.proactive,
        "isWebAnalyticsEnabled": True,
        "isCoBrowsingEnabled": False,
        "isCreditCardMaskingEnabled": False,
        "liveChatLogoHidden": False,
        "isFeatureQueueCountingEnabled": True,
        **channel.features,
    }


def file_restrictions(channel: CXoneChannel) -> Wire:
    """What may be attached; also the body of a refused upload."""
    kinds = [{"mimeType": kind.mime_type, "description": kind.description} for kind in channel.allowed_file_types]
    return {
        "allowedFileSize": str(channel.allowed_file_size),
        "allowedFileTypes": kinds,
        "isAttachmentsEnabled": channel.attachments,
    }


def _survey(survey: Survey, channel: str) -> Wire:
    return {
        "id": survey.id,
        "name": survey.name,
        "channels": [{"id": channel}],
        "customFields": [{"isRequired": field.required, "definition": _definition(field)} for field in survey.fields],
    }


def _definition(field: FieldDefinition) -> Wire:
    return {
        "ident": field.ident,
        "label": field.label,
        "type": field.type,
        "required": field.required,
        "values": [
            {"name": choice.name, "value": choice.value} | ({"parentId": choice.parent} if choice.parent else {})
            for choice in field.choices
        ],
        "isEditable": True,
        "liveChatVisibility": "visible",
        "postDetailVisibility": "visible",
    }
