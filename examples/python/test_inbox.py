"""python3 -m unittest discover examples/python"""

import itertools
import unittest

from inbox import Inbox, conclusion_of, reason_of


def event(revision, outcome="ERROR", verification="v", source="/verdictflow"):
    data = {"verificationId": verification, "revision": revision, "outcome": outcome}
    return source, f"{verification}.r{revision}", data


class InboxTest(unittest.TestCase):
    def test_takes_the_highest_revision_in_every_order_and_with_late_duplicates(self):
        events = [event(1), event(1), event(2, "PASSED"), event(2, "PASSED"), event(3, "FAILED")]
        for order in set(itertools.permutations(range(len(events)))):
            inbox = Inbox()
            taken = [inbox.take(*events[at]) for at in order]
            applied = [events[at][2]["revision"] for at, how in zip(order, taken) if how in ("FIRST", "REVISED")]
            self.assertEqual(applied, sorted(set(applied)))
            self.assertEqual(applied[-1], 3)
            self.assertEqual(taken.count("FIRST"), 1)
            self.assertEqual(taken.count("REPEATED"), 2)

    def test_knows_an_event_by_source_and_id_together(self):
        inbox = Inbox()
        self.assertEqual(inbox.take(*event(1, verification="a")), "FIRST")
        self.assertEqual(inbox.take(*event(1, verification="b")), "FIRST")
        self.assertEqual(inbox.take(*event(1, verification="a")), "REPEATED")
        self.assertEqual(inbox.take(*event(1, verification="a", source="/other")), "OUTDATED")

    def test_rejects_nobody_of_whom_nothing_is_known(self):
        self.assertEqual(conclusion_of("PASSED"), "ACCEPTED")
        self.assertEqual(conclusion_of("FAILED"), "REJECTED")
        self.assertEqual(conclusion_of("NOT_COMPLETED"), "NOT_DONE")
        for outcome in ("EXPIRED", "ERROR", "NEEDS_REVIEW", "", "OF_A_LATER_VERSION"):
            self.assertEqual(conclusion_of(outcome), "UNKNOWN")

    def test_names_the_first_reason_that_decided(self):
        def named(*codes):
            return reason_of([{"code": code} for code in codes])

        self.assertEqual(named("MULTIPLE_FACES", "COMPARE_MISSING"), "MULTIPLE_FACES")
        self.assertEqual(named("EVIDENCE_STORE_FAILED", "MULTIPLE_FACES"), "MULTIPLE_FACES")
        self.assertIsNone(named("EVIDENCE_STORE_FAILED"))
        self.assertIsNone(named())


if __name__ == "__main__":
    unittest.main()
