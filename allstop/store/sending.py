"""The setup of sending between its tables and one value."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from allstop.rules.facts import Channel
from allstop.rules.sending import Backup, ChannelSettings, Rhythm, Settings, Way, rhythm_of
from allstop.rules.windows import MIDNIGHT, Session
from allstop.store import queue
from allstop.store.facts import checks_of, session_of, time_of_day
from allstop.store.models import ChannelSetup, DeliverySession, SendingSetup

_DAY = 24 * 60


def settings_of(account_id: int) -> Settings:
    """With the passwords in the ways: whoever shows it takes them out."""
    rows = {Channel(row.channel): row for row in ChannelSetup.objects.filter(account_id=account_id)}
    sessions: dict[Channel, list[Session]] = {channel: [] for channel in Channel}
    for row in DeliverySession.objects.filter(account_id=account_id):
        sessions[Channel(row.channel)].append(session_of(row))
    common = SendingSetup.objects.filter(account_id=account_id).first() or SendingSetup(account_id=account_id)
    calls = rows[Channel.CALL]
    return Settings(
        email=_channel(rows[Channel.EMAIL], sessions[Channel.EMAIL]),
        text=_channel(rows[Channel.TEXT], sessions[Channel.TEXT]),
        call=_channel(calls, sessions[Channel.CALL]),
        checks=checks_of(common),
        backup=_backup(common),
        opens_attachments=common.opens_attachments,
        attachment_mb=common.attachment_mb,
        warn_after_days=common.warn_after_days,
        rings=calls.rings,
        ring_minutes=calls.ring_minutes,
    )


def _channel(row: ChannelSetup, sessions: Iterable[Session]) -> ChannelSettings:
    rhythm = Rhythm(row.rhythm)
    kept = row.kept_pace_ms if rhythm is Rhythm.AT_ONCE else row.pace_ms
    return ChannelSettings(
        enabled=row.is_enabled,
        way=way_of(row),
        immediate=rhythm is not Rhythm.BY_HAND if row.channel == Channel.EMAIL else rhythm is Rhythm.AT_ONCE,
        sessions=tuple(sorted(set(sessions))),
        every=timedelta(milliseconds=kept),
    )


def way_of(row: ChannelSetup) -> Way:
    return Way(provider=row.provider, config=row.config, sender=row.sender, sender_name=row.sender_name)


def stored_ways(account_id: int) -> dict[Channel, Way]:
    return {Channel(row.channel): way_of(row) for row in ChannelSetup.objects.filter(account_id=account_id)}


def _backup(common: SendingSetup) -> Backup | None:
    if not common.backup_days:
        return None
    return Backup(tuple(common.backup_days), time_of_day(common.backup_starts), time_of_day(common.backup_ends))


def keep_settings(account_id: int, settings: Settings, ways: Mapping[Channel, Way], now: datetime) -> None:
    """Inside a transaction. Lanes wake with the new setup."""
    backup = settings.backup
    SendingSetup.objects.update_or_create(
        account_id=account_id,
        defaults={
            "checks_every": settings.checks.every_minutes,
            "checks_at": [_minutes(at) for at in settings.checks.at],
            "backup_days": [] if backup is None else list(backup.days),
            "backup_starts": 0 if backup is None else _minutes(backup.starts),
            "backup_ends": 0 if backup is None else _minutes(backup.ends),
            "warn_after_days": settings.warn_after_days,
            "opens_attachments": settings.opens_attachments,
            "attachment_mb": settings.attachment_mb,
        },
    )
    for channel in Channel:
        _keep_channel(account_id, channel, settings, ways[channel], now)


def _keep_channel(account_id: int, channel: Channel, settings: Settings, way: Way, now: datetime) -> None:
    of = settings.of(channel)
    rows = ChannelSetup.objects.filter(account_id=account_id, channel=channel)
    row = rows.select_for_update().get()
    rhythm = rhythm_of(channel, of)
    kept_ms = of.every // timedelta(milliseconds=1)
    pace_ms = 0 if rhythm is Rhythm.AT_ONCE else kept_ms
    is_other = way != way_of(row) or of.enabled != row.is_enabled
    rows.update(
        provider=way.provider,
        config=dict(way.config),
        sender=way.sender,
        sender_name=way.sender_name,
        is_enabled=of.enabled,
        broken="" if is_other else row.broken,
        rhythm=rhythm,
        kept_pace_ms=kept_ms,
        pace_ms=pace_ms,
        **({"rings": settings.rings, "ring_minutes": settings.ring_minutes} if channel is Channel.CALL else {}),
    )
    DeliverySession.objects.filter(account_id=account_id, channel=channel).delete()
    DeliverySession.objects.bulk_create(
        DeliverySession(
            account_id=account_id,
            channel=channel,
            weekday=session.weekday,
            starts=_minutes(session.start),
            ends=_DAY if session.end == MIDNIGHT else _minutes(session.end),
        )
        for session in of.sessions
    )
    queue.setup_changed(account_id, channel, pace_ms, now)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
