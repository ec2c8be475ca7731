"""Stories as feeds see them, their articles rendered once and kept in the catalogue."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from stationfeed.feeds.item import view_story
from stationfeed.folder.article import ARTICLE_RENDERER, Article, render_article
from stationfeed.model.addresses import absolute, story_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.episode import Story

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
        fresh: dict[str, Item] = {}
        for start in range(0, len(missing), _CHUNK):
            stories = self.catalogue.stories(missing[start : start + _CHUNK])
            texts = self._articles(list(stories.values()))
            for slug, story in stories.items():
                fresh[slug] = view_story(story, texts[slug].html, texts[slug].lead, self.around)
        items = [fresh.get(entry.slug) or self._views[entry.slug, entry.version] for entry in shown]
        for entry, item in zip(shown[:_VIEWS_KEPT], items, strict=False):
            self._views[entry.slug, entry.version] = item
        while len(self._views) > _VIEWS_KEPT:
            self._views.popitem(last=False)
        return items

    def _articles(self, stories: Sequence[Story]) -> dict[str, Article]:
        """The articles as HTML, kept in the catalogue by their text and address."""
        keys = {story.slug: self._article_key(story) for story in stories}
        kept = self.catalogue.articles(list(keys.values()))
        texts: dict[str, Article] = {slug: Article(*kept[key]) for slug, key in keys.items() if key in kept}
        fresh = [story for story in stories if story.slug not in texts]
        for story in fresh:
            texts[story.slug] = render_article(story.article, self._story_url(story))
        if fresh:
            self.catalogue.keep_articles(
                [(keys[one.slug], one.slug, texts[one.slug].html, texts[one.slug].lead) for one in fresh]
            )
        return texts

    def _article_key(self, story: Story) -> str:
        parts = (ARTICLE_RENDERER, self._story_url(story), story.article)
        return sha256("\0".join(parts).encode()).hexdigest()

    def _story_url(self, story: Story) -> str:
        return absolute(self.around.base_url, story_path(story.slug))
