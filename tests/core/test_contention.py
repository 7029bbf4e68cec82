"""Which endings of connections show that another server uses a satellite, without a network or a clock that runs."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.contention import (
    LOOK_BACK_DELAY,
    PATIENCE,
    SHORT_SPAN,
    TAKEN_DELAYS,
    TAKEN_SETTLED,
    TAKEN_WINDOW,
    TURNED_AWAY_DELAY,
    TURNED_AWAY_SETTLED,
    Attempt,
    Contention,
    Ending,
    Rival,
)

A, L, T, W, U = Ending.ABSENT, Ending.LOST, Ending.TAKEN, Ending.TURNED_AWAY, Ending.UNCLEAR


@pytest.mark.parametrize(
    ("attempt", "lasted", "ending"),
    [
        (Attempt(), 0.0, A),
        (Attempt(opened_at=10.0), 5.0, L),
        (Attempt(opened_at=10.0, closed=True), 0.0, W),
        (Attempt(opened_at=10.0, reset=True), 0.0, W),
        (Attempt(opened_at=10.0, described=True, closed=True), 0.1, W),
        (Attempt(opened_at=10.0, described=True, closed=True), 7.0, L),
        (Attempt(opened_at=10.0, described=True, reset=True), 0.1, L),
        (Attempt(opened_at=10.0, described=True), 7.0, L),
        (Attempt(opened_at=10.0, described=True, accepted=True, closed=True), 0.1, T),
        (Attempt(opened_at=10.0, described=True, accepted=True, closed=True), 9_000.0, T),
        (Attempt(opened_at=10.0, described=True, accepted=True, reset=True), 3.0, L),
        (Attempt(opened_at=10.0, described=True, accepted=True), 3.0, L),
        (Attempt(opened_at=10.0, described=True, accepted=True, closed=True, ours=True), 3.0, U),
    ],
)
def test_the_way_in_which_an_attempt_has_ended(attempt: Attempt, lasted: float, ending: Ending) -> None:
    assert attempt.ending(10.0 + lasted) is ending


def after(*endings: tuple[Ending, float, float]) -> Contention:
    """Return the evidence after these endings, each with its time and the age of its connection."""
    contention = Contention()
    for ending, now, lasted in endings:
        contention.ended(ending, now, lasted)
    return contention


def every(seconds: float, *endings: Ending) -> Contention:
    """Return the evidence after endings at a regular interval."""
    return after(
        *((ending, number * seconds, 3.0 if ending is T else 0.0) for number, ending in enumerate(endings))
    )


@pytest.mark.parametrize(
    ("seconds", "endings", "has_rival"),
    [
        # Core's integration takes it back after 3 s, others after a minute.
        (3.25, [T, T, T], True),
        (60.0, [T, T, T], True),
        (3.25, [T, T], False),
        # A satellite that closes the connection every few minutes has a fault of its own.
        (TAKEN_WINDOW, [T] * 10, False),
        # It is turned away for as long as the other server is there.
        (2.0, [W] * 7, True),
        (5.0, [W, W, W], True),
        # Our own connection from before a crash is forgotten after 7 s.
        (2.0, [W] * 5, False),
        # A satellite that restarts is absent in between, and so is one that is off.
        (2.0, [T, A, T, A, T, A, T, A], False),
        (2.0, [W, W, W, A, W, W, W, A, W, W, W], False),
        (2.0, [A] * 100, False),
        # Bad networks are silent, or reset connections.
        (7.0, [L] * 100, False),
        (7.0, [T, L, T, A, T, L], False),
        # We end it, or it talks nonsense.
        (1.0, [U] * 100, False),
        (3.0, [T, U, T, U, T], True),
        # Now turned away, now taken.
        (4.0, [T, W, W, W, W], True),
        (4.0, [W, W, T, W, W], False),
    ],
)
def test_who_else_uses_a_satellite(seconds: float, endings: list[Ending], has_rival: bool) -> None:
    assert (every(seconds, *endings).rival is not None) is has_rival


def test_a_satellite_that_hangs_up_at_once_now_and_then_has_a_fault_of_its_own() -> None:
    """Unless it does so for a while: another server may be quick to take it back."""
    brief = [(T, number * 0.5, 0.4) for number in range(20)]
    assert after(*brief).rival is None
    assert after(*brief, (T, SHORT_SPAN, 0.4)).rival is Rival.OTHER
    assert after(*brief, (L, 9.8, 0.4), (T, SHORT_SPAN, 0.4)).rival is None


def test_the_first_evidence_suffices_against_a_server_that_is_known() -> None:
    told = []
    for ending in (T, W):
        contention = Contention()
        contention.rival_is_known = True
        for harmless in (A, L, U):
            contention.ended(harmless, 1.0)
            assert contention.rival is None
        contention.ended(ending, 2.0)
        told.append(contention.rival)
    assert told == [Rival.CORE, Rival.CORE]


def test_a_satellite_that_is_taken_is_not_fought_over() -> None:
    contention = Contention()
    now, delays = 0.0, []
    for _ in range(9):
        now += 3.0
        contention.ended(T, now, 3.0)
        delays.append(contention.delay(1.0))
        now += delays[-1]
    assert delays == [LOOK_BACK_DELAY, LOOK_BACK_DELAY, *TAKEN_DELAYS, *[TAKEN_DELAYS[-1]] * 3]
    assert contention.patience == PATIENCE


@pytest.mark.parametrize("others", [[], [L], [A, A, A]])
def test_a_satellite_that_hangs_up_at_once_is_not_connected_all_the_time(others: list[Ending]) -> None:
    """Nor one that hides this between other endings, which are no evidence of another server."""
    contention = Contention()
    now, attempts, since = 0.0, 0, 0
    while now < 60.0:
        since = 0 if since >= 20 else since + 1
        for ending in others if not since else [T]:
            contention.ended(ending, now, 0.1)
            attempts += 1
            now += 0.1 + contention.delay(1.0)
    assert attempts <= 60


def test_a_satellite_that_turns_us_away_is_asked_every_few_seconds() -> None:
    contention = every(2.0, *[W] * 5)
    assert contention.delay(2.0) == 2.0
    contention.ended(W, 10.0)
    assert (contention.delay(30.0), contention.patience) == (TURNED_AWAY_DELAY, 0.0)


@pytest.mark.parametrize(
    ("seconds", "ending", "age", "settled"),
    [
        (2.0, W, 0.0, TURNED_AWAY_SETTLED),
        (3.0, T, 3.0, TAKEN_SETTLED),
        # What is taken every 40 s is not free after 20.
        (40.0, T, 40.0, 80.0),
    ],
)
def test_a_connection_that_lasts_shows_that_the_other_server_is_gone(
    seconds: float, ending: Ending, age: float, settled: float
) -> None:
    contention = after(*((ending, number * seconds, age) for number in range(7)))
    told = []
    for lasted in (settled - 0.1, settled):
        contention.survived(lasted)
        told.append(contention.rival)
    assert told == [Rival.OTHER, None]
    assert (contention.delay(2.0), contention.patience) == (2.0, 0.0)


def test_the_time_before_the_other_server_came_does_not_count() -> None:
    contention = after((T, 0.0, 90_000.0), (T, 3.0, 3.0), (T, 6.0, 3.0))
    contention.survived(TAKEN_SETTLED)
    assert contention.rival is None


def test_a_satellite_that_is_gone_is_used_by_nobody_and_a_lost_packet_says_nothing() -> None:
    contention = every(3.0, T, T, T)
    told = []
    for at, ending in enumerate((A, L, T, A, L, A)):
        contention.ended(ending, 20.0 + at)
        told.append((contention.rival is not None, contention.delay(2.0)))
    # While it is gone, it is looked for as ever.
    assert told == [(True, 2.0), (True, 2.0), (True, TAKEN_DELAYS[1]), (True, 2.0), (True, 2.0), (False, 2.0)]


_ENDINGS = st.lists(
    st.tuples(st.sampled_from(Ending), st.floats(0.0, 100.0), st.floats(0.0, 1_000.0)), max_size=40
)


@given(endings=_ENDINGS, known=st.booleans(), ordinary=st.floats(0.0, 30.0))
def test_no_other_server_without_evidence_and_no_wait_without_end(
    endings: list[tuple[Ending, float, float]], known: bool, ordinary: float
) -> None:
    contention = Contention()
    contention.rival_is_known = known
    now, evidence = 0.0, 0
    for ending, later, lasted in endings:
        now += later
        had_rival = contention.rival
        contention.ended(ending, now, lasted)
        if ending in (T, W):
            evidence += 1
        if not had_rival and ending in (A, L):
            evidence = 0
        if contention.rival:
            assert evidence >= (1 if known else 3)
        assert min(ordinary, LOOK_BACK_DELAY) <= contention.delay(ordinary)
        assert contention.delay(ordinary) <= max(ordinary, TAKEN_DELAYS[-1])
        assert contention.patience <= PATIENCE
    contention.survived(2_000.0)
    assert contention.rival is None


@given(endings=_ENDINGS)
def test_after_one_refusal_a_satellite_has_to_answer_first(
    endings: list[tuple[Ending, float, float]],
) -> None:
    contention = after(*endings)
    contention.ended(W, 100_000.0)
    assert contention.is_suspected
    contention.survived(2_000.0)
    assert not contention.is_suspected


@given(endings=_ENDINGS)
def test_three_failures_in_a_row_make_any_satellite_absent(
    endings: list[tuple[Ending, float, float]],
) -> None:
    contention = Contention()
    now = 0.0
    for ending, later, lasted in [*endings, (A, 1.0, 0.0), (L, 1.0, 0.0), (A, 1.0, 0.0)]:
        now += later
        contention.ended(ending, now, lasted)
    assert contention.rival is None
    assert contention.delay(2.0) == 2.0
