"""Stories as feeds see them, their articles rendered once and kept in the catalogue."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stationfeed.feeds.item import view_story
from stationfeed.folder.article import ARTICLE_RENDERER, render_article
from stationfeed.model.addresses import absolute, story_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.episode import Article, Story
    from stationfeed.model.words import Slug

_VIEWS_KEPT = 512
_CHUNK = 200


@dataclass(slots=True)
class StoryViews:
    """What feeds say of stories; the last few are kept, since several feeds and formats ask for the same."""

    around: Surroundings
    catalogue: Catalogue
    _views: OrderedDict[tuple[str, str], Item] = field(default_factory=OrderedDict)

    def views(self, shown: Sequence[Entry]) -> list[Item]:
        """What feeds say of stories, in their order."""
        missing = [entry.slug for entry in shown if (entry.slug, entry.version) not in self._views]
        fresh: dict[Slug, Item] = {}
        for start in range(0, len(missing), _CHUNK):
            fresh |= self._read(missing[start : start + _CHUNK])
        items = [fresh.get(entry.slug) or self._views[entry.slug, entry.version] for entry in shown]
        for entry, item in zip(shown[:_VIEWS_KEPT], items, strict=False):
            self._views[entry.slug, entry.version] = item
        while len(self._views) > _VIEWS_KEPT:
            self._views.popitem(last=False)
        return items

    def _read(self, slugs: Sequence[Slug]) -> dict[Slug, Item]:
        return {story.slug: view_story(story, article, self.around) for story, article in self.read(slugs)}

    def read(self, slugs: Sequence[Slug]) -> list[tuple[Story, Article]]:
        """Stories with their articles, which are rendered once and kept in the catalogue."""
        maker = f"{ARTICLE_RENDERER} {self.around.base_url}"
        found: list[tuple[Story, Article]] = []
        made: list[tuple[Slug, str, Article]] = []
        for story, kept in self.catalogue.stories_with_articles(slugs, maker):
            if isinstance(kept, str):
                article = render_article(kept, absolute(self.around.base_url, story_path(story.slug)))
                made.append((story.slug, kept, article))
            else:
                article = kept
            found.append((story, article))
        if made:
            self.catalogue.keep_articles(maker, made)
        return found
