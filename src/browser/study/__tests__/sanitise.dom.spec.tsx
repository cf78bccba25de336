import * as React from 'react';

import { sanitise } from '..';
import { ALLOWED, reduceMarkup } from '../markup';
import { allowedOf } from '../sanitise';
import { HOSTILE, HUGE } from './markups';

/** Elements as the HTML they are in the page: every property is written out, so that none goes unnoticed. */
function htmlOf(node: React.ReactNode): string {
  if (Array.isArray(node)) {
    return (node as React.ReactNode[]).map(htmlOf).join('');
  }
  if (!React.isValidElement<Record<string, unknown>>(node)) {
    expect(['string', 'undefined']).toContain(typeof node);
    return typeof node === 'string' ? escaped(node) : '';
  }
  const { children, ...properties } = node.props;
  const inner = htmlOf(children as React.ReactNode);
  if (node.type === React.Fragment) {
    return inner;
  }
  const attributes = Object.entries(properties).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  return `<${String(node.type)}${attributes.join('')}${node.type === 'br' ? '/>' : `>${inner}</${String(node.type)}>`}`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function html(text: string): string {
  return htmlOf(sanitise(text));
}

const LINK = 'target="_blank" rel="noopener noreferrer"';

/** Names of all elements and attributes of a text that was drawn, as a browser reads it. */
function census(markup: string): { tags: Set<string>; attributes: Set<string>; links: string[] } {
  const body = new DOMParser().parseFromString(markup, 'text/html').body;
  const nodes = [...body.querySelectorAll('*')];
  return {
    tags: new Set(nodes.map(node => node.localName)),
    attributes: new Set(nodes.flatMap(node => node.getAttributeNames().map(name => `${node.localName} ${name}`))),
    links: nodes.map(node => node.getAttribute('href')).filter(href => href !== null)
  };
}

function expectSafe(markup: string): void {
  const { tags, attributes, links } = census(markup);
  expect([...tags].filter(tag => !(ALLOWED as readonly string[]).includes(tag))).toEqual([]);
  expect([...attributes].filter(name => !['a href', 'a target', 'a rel'].includes(name))).toEqual([]);
  for (const link of links) {
    expect(link).toMatch(/^https:\/\/[^/@]+\.example\//);
  }
}

describe('an abstract', () => {
  it.each([
    ['Plain words.', '<p>Plain words.</p>'],
    ['n < 3 & p > 0.05, a <b', '<p>n &lt; 3 &amp; p &gt; 0.05, a &lt;b</p>'],
    ['One.\n\nTwo,\nthree.', '<p>One.</p><p>Two,<br/>three.</p>'],
    ['<p>One <i>in vivo</i> H<sub>2</sub>O</p>', '<p>One <i>in vivo</i> H<sub>2</sub>O</p>'],
    ['<b>B</b><strong>S</strong><em>E</em><sup>2</sup><br>', '<b>B</b><strong>S</strong><em>E</em><sup>2</sup><br/>'],
    ['<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>', '<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>'],
    ['a &lt;b&gt; &amp; &micro;m &#x3b1;', 'a &lt;b&gt; &amp; µm α'],
    ['In <i>D. rerio</i>.\n\nAnd then.', 'In <i>D. rerio</i>.<p>And then.</p>'],
    ['<a href="https://a.example/x">here</a>', `<a href="https://a.example/x" ${LINK}>here</a>`],
    ["<A HREF='https://a.example/?a=1&amp;b=2'>here</A>", `<a href="https://a.example/?a=1&amp;b=2" ${LINK}>here</a>`],
    ['<a href=https://a.example/x class=y>here</a>', `<a href="https://a.example/x" ${LINK}>here</a>`],
    ['<a title=">" href="https://a.example/">here</a>', `<a href="https://a.example/" ${LINK}>here</a>`],
    ['<div>One</div><div>two</div>', '<p>One</p><p></p><p>two</p><p></p>'],
    ['<span class="x">word</span>', 'word'],
    ['<h2>Aims</h2>text', '<p>Aims</p><p>text</p>'],
    ['soft\u00adhyphen zero\u200bwidth', '<p>softhyphen zerowidth</p>'],
    ['right\u202eleft', '<p>right⟨U+202E⟩left</p>'],
    ['nul\u0000', '<p>nul␀</p>'],
    ['', '']
  ])('%j is drawn as %j', (text, drawn) => {
    expect(html(text)).toBe(drawn);
    expectSafe(html(text));
  });

  it.each(HOSTILE)('is harmless: %s', text => {
    // Each of the two lines of defence holds alone: what is reduced and what is built.
    const parsed = new DOMParser().parseFromString(text, 'text/html').body;
    for (const drawn of [html(text), htmlOf(allowedOf(parsed))]) {
      expectSafe(drawn);
      expect(drawn).not.toMatch(/="[^"]*(?:javascript:|localhost|logout)/i);
    }
    expect(html(text)).not.toContain('javascript:');
  });

  it.each([
    ['script', '<p>a<script>b</script>c</p>', '<p>ac</p>'],
    ['style', 'a<style>b{}</style>c', 'ac'],
    ['a comment', '<p>a<!-- b -->c</p>', '<p>ac</p>'],
    ['an unclosed script', '<p>a</p><script>b', '<p>a</p>'],
    ['a table', '<table><tr><td>a</td><td>b</td></tr></table>', '<p></p><p>ab</p><p></p><p></p>'],
    ['a bad link', '<a href="javascript:1">words</a>', 'words'],
    ['entities, once', '&amp;lt;b&amp;gt;', '&amp;lt;b&amp;gt;']
  ])('keeps the words of %s, not the code', (_name, text, drawn) => {
    expect(html(text)).toBe(drawn);
  });

  it.each(HUGE)('of the huge kind %s is bounded', (_name, text) => {
    // Quadratic reading, or elements that a parser reopens without end, would take longer than a test may.
    const drawn = html(text);
    expectSafe(drawn.slice(0, 20_000));
    expect(drawn.length).toBeLessThan(500_000);
  });

  it('takes names of objects for names of elements only', () => {
    expect(html('<constructor><__proto__><toString>x</constructor><hasOwnProperty>')).toBe('&lt;__proto__&gt;x');
  });

  it('is not deeper than a page can draw', () => {
    const body = new DOMParser().parseFromString(html('<ul><li>'.repeat(500) + 'deep'), 'text/html').body;
    let depth = 0;
    for (let node: Element | null = body; node !== null; node = node.firstElementChild) {
      depth++;
    }
    expect(depth).toBeLessThanOrEqual(14);
    expect(body.textContent).toBe('deep');
  });

  it('leaves only allowed tags without attributes to the browser’s parser', () => {
    expect(reduceMarkup('<p class="a"><x-y>a</x-y><a b="c" href="https://d.example/?e=\'f\'">g</a>')).toBe(
      `<p>a<a href="https://d.example/?e='f'">g</a>`
    );
  });
});
