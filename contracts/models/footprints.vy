# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Footprints
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each subject used in training, and which of its serving reports counts.
@dev A subject belongs to a source, the contract that gave it its id: so one number may be a grant and a model.
     A correction takes the place of what it corrects. Reports of serving thus form chains, each begun by a report that
     supersedes nothing, and what counts is the end of the chain that was begun last:
         report 1, report 2, report 3 supersedes 1: report 2 counts, because 3 stands where 1 stood.
         report 4 supersedes 2: report 4 counts.
@custom:invariant The sum of a subject is that of its live TRAINING reports, to the unit.
                  The serving report that counts is live, and the end of the chain that was begun last.
"""

from contracts.models import packed_footprint

# Source => subject => packed sum of the live TRAINING reports.
_sums: HashMap[address, HashMap[uint256, uint256]]
# Source => subject => the SERVING report that counts, 0 if there is none.
_serving_reports: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _replace(
    source: address, subject_id: uint256, old: packed_footprint.Footprint, new: packed_footprint.Footprint
):
    """
    @dev Puts a TRAINING report into the sum, and takes the one that it supersedes out; `old` is zero if it
         supersedes none.
    """
    total: packed_footprint.Footprint = self._sum(source, subject_id)
    self._sums[source][subject_id] = packed_footprint._pack(
        packed_footprint.Footprint(
            energy_wh=total.energy_wh - old.energy_wh + new.energy_wh,
            emissions_grams=total.emissions_grams - old.emissions_grams + new.emissions_grams,
            market_grams=total.market_grams - old.market_grams + new.market_grams,
        )
    )


@internal
def _follow(source: address, subject_id: uint256, old_id: uint256, new_id: uint256):
    """
    @dev Records a SERVING report, which begins a chain if it supersedes nothing (`old_id` is 0).
    """
    if old_id == 0 or old_id == self._serving_reports[source][subject_id]:
        self._serving_reports[source][subject_id] = new_id


@internal
@view
def _sum(source: address, subject_id: uint256) -> packed_footprint.Footprint:
    return packed_footprint._unpack(self._sums[source][subject_id])


@internal
@view
def _serving_report(source: address, subject_id: uint256) -> uint256:
    return self._serving_reports[source][subject_id]
