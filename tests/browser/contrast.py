"""Which texts of a page are hard to read."""

from typing import Any

CONTRASTS = """
() => {
  const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(x => x / 255)
      .map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('h1, h2, p, a, li, th, td, caption, figcaption, button, select, label, strong')]
    .filter(one => one.innerText && one.innerText.trim() && one.offsetParent)
    .map(one => {
      const [a, b] = [getComputedStyle(one).color, behind(one)].map(light).sort((x, y) => y - x);
      return [(a + .05) / (b + .05), one.tagName, one.innerText.slice(0, 30)];
    })
    .filter(([ratio]) => ratio < 4.5);
}
"""


def contrasts(page: Any) -> list[Any]:
    """Texts that are hard to read, with their contrast (WCAG 2.2, 1.4.3)."""
    found: list[Any] = page.evaluate(CONTRASTS)
    return found
