"""Reading what a service measures."""

from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from tests.system import System


@dataclass(frozen=True)
class Scrape:
    """One answer of `/metrics`: sums over the labels that are not asked for."""

    samples: list[tuple[str, dict[str, str], float]] = field(default_factory=list)

    def value(self, name: str, **labels: str) -> float | None:
        """The sum of the samples of that name with these labels, None where there is none."""
        found = [
            value
            for each, has, value in self.samples
            if each == name and labels.items() <= has.items()
        ]
        return sum(found) if found else None

    @property
    def names(self) -> set[str]:
        """Every sample's name."""
        return {name for name, _, _ in self.samples}


async def scrape(system: System, service: str, seconds: float = 9) -> Scrape:
    """Read a service's metrics within the time that Prometheus gives."""
    answer = await system.client(service, seconds=seconds).get("/metrics")
    assert answer.status_code == 200, answer.text
    return Scrape(
        [
            (sample.name, dict(sample.labels), sample.value)
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        ]
    )
