"""The skills that differ from the generated population, in the state file."""

from pathlib import Path

from campaigns.simulator.published.skills import SimulatedSkill, restored_skill, saved_skill
from campaigns.simulator.published.tenant import SkillTenant
from campaigns.simulator.state_file import StateFile


class SkillStore:
    """What schedules did by themselves isn't kept: they would do it again."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self._file = StateFile(path, seed, "published")

    def restore(self, tenant: SkillTenant) -> None:
        saved = self._file.read()
        if saved is None:
            return
        for each in saved["campaigns"].values():
            skill = restored_skill(each["skill"])
            tenant.put(skill, since=0)
            tenant.catch_up(skill, each["at"])
            self.changed(skill, each["at"])
        for skill_id in saved["removed"]:
            tenant.skills.pop(skill_id, None)
            self._file.removed(skill_id)
        self._file.settled()

    def changed(self, skill: SimulatedSkill, at: float) -> None:
        if self._file.is_kept:
            self._file.changed(skill.id, {"at": at, "skill": saved_skill(skill)})

    def removed(self, skill_id: str) -> None:
        self._file.removed(skill_id)

    def forget(self) -> None:
        self._file.forget()

    def write(self) -> None:
        """Write what changed since the last time, if anything did."""
        if self._file.is_due:
            self._file.write({})
