"""What every stage of one build knows: the corpus, the recipe, the roots, and how the network may be used."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from pipeline.images.client import Access
from pipeline.recipe import Recipe
from pipeline.store import Store
from pipeline.takedown import TakeDown

CORPUS_ROOT = "corpus"  # the root of what the corpus itself holds


@dataclass(frozen=True)
class Job:
    """Travels to the workers inside the stages; holds settings only, no connections and no data."""

    corpus_url: str
    recipe: Recipe
    roots: dict[str, str]  # name -> folder or URL that tables' relative paths stand under
    started_at: datetime  # the build's one clock reading, or SOURCE_DATE_EPOCH
    use_network: bool = True  # whether fetch may ask hosts for what no archive holds
    access: Access = field(default_factory=lambda: Access(user_agent="m3w"))

    @cached_property
    def corpus(self) -> Store:
        return Store(self.corpus_url)

    def root(self, name: str) -> Store:
        """The root `name` as a store."""
        return self.corpus if name == CORPUS_ROOT else Store(self.roots[name])

    @cached_property
    def take_down(self) -> TakeDown:
        return TakeDown.read(self.corpus)
