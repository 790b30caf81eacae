"""What to make of outcomes, whichever way they come."""

CONCLUSIONS = {"PASSED": "ACCEPTED", "FAILED": "REJECTED", "NOT_COMPLETED": "NOT_DONE"}


def conclusion_of(outcome):
    """FAILED alone speaks against the applicant. After EXPIRED, ERROR, NEEDS_REVIEW, and anything that a later version
    may add, nobody knows who sat in front of the camera: look at it, or try again, but reject nobody for it."""
    return CONCLUSIONS.get(outcome, "UNKNOWN")


def reason_of(reasons):
    """The code that decided, if any did. A picture that could not be kept decides nothing; it only stands beside what
    did."""
    return next((reason["code"] for reason in reasons if reason["code"] != "EVIDENCE_STORE_FAILED"), None)


class Inbox:
    """Outcomes come at least once, and a replay may revise one: an event counts once, by source and id, and of a
    verification's revisions the highest, in whichever order they come. A service keeps both in its database, written
    together with what it does about the outcome."""

    def __init__(self):
        self._taken = set()
        self._latest = {}

    def take(self, source, event_id, outcome):
        """FIRST and REVISED are to be acted on; REPEATED and OUTDATED change nothing."""
        if (source, event_id) in self._taken:
            return "REPEATED"
        self._taken.add((source, event_id))
        known = self._latest.get(outcome["verificationId"])
        if known is not None and known["revision"] >= outcome["revision"]:
            return "OUTDATED"
        self._latest[outcome["verificationId"]] = outcome
        return "FIRST" if known is None else "REVISED"
