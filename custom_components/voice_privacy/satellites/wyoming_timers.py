"""Voice timers: forward each event of a satellite's timers to the satellite."""

from collections.abc import Callable

from homeassistant.components.intent import TimerEventType, TimerInfo, async_register_timer_handler
from homeassistant.core import HomeAssistant, callback
from wyoming.event import Event
from wyoming.timer import TimerCancelled, TimerFinished, TimerStarted, TimerUpdated


def timer_event(event_type: TimerEventType, timer: TimerInfo) -> Event:
    """Return the Wyoming event for what happened to a timer."""
    match event_type:
        case TimerEventType.STARTED:
            return TimerStarted(
                id=timer.id,
                total_seconds=timer.seconds,
                name=timer.name,
                start_hours=timer.start_hours,
                start_minutes=timer.start_minutes,
                start_seconds=timer.start_seconds,
            ).event()
        case TimerEventType.UPDATED:
            return TimerUpdated(id=timer.id, is_active=timer.is_active, total_seconds=timer.seconds).event()
        case TimerEventType.CANCELLED:
            return TimerCancelled(id=timer.id).event()
        case TimerEventType.FINISHED:
            return TimerFinished(id=timer.id).event()


@callback
def register_timers(
    hass: HomeAssistant, device_id: str, send: Callable[[Event], object]
) -> Callable[[], None]:
    """Let people set timers on a satellite; return a function that ends this.

    Timers concern the loudspeaker, so a muted satellite gets them too. While it is not connected, they are lost.

    Args:
        hass: Home Assistant.
        device_id: Device that Assist names in the satellite's commands.
        send: Sends an event to the satellite.
    """

    @callback
    def on_timer(event_type: TimerEventType, timer: TimerInfo) -> None:
        send(timer_event(event_type, timer))

    return async_register_timer_handler(hass, device_id, on_timer)
