"""``deskline center``: a local contact center to chat with."""

from deskline.center import RunningCenter, run_forever
from deskline.cli.terminal import say
from deskline_center.brightpattern import default_channel
from deskline_center.cxone import default_channels

__all__ = ["run"]


def run(port: int, host: str, script: str) -> None:
    """Serve until Ctrl-C. Raises OSError when the port is taken."""
    channels = default_channels(script=script)
    entry = default_channel(script=script)

    def tell(running: RunningCenter) -> None:
        say(
            "\n".join(
                [
                    f"A center at {running.url}; Ctrl-C ends it. Its channels:",
                    *(f"  {channel.mode:<7} {channel.session:<8} {channel.id}" for channel in channels),
                    f"  Bright Pattern   {entry.id}, under {running.url}/clientweb/api/v2",
                    f"Chat with it:  deskline chat --url {running.url} --channel {channels[0].id}",
                    f"               deskline chat --vendor bright-pattern --url {running.url} --channel {entry.id}",
                    f"Operate it:    GET {running.url}/control, POST {running.url}/control/agent-says",
                ]
            )
        )

    run_forever(port, host, channels=(*channels, entry), ready=tell)
