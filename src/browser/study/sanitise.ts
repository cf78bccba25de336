import * as React from 'react';

import { showUnseen } from '../../core';
import { safeLink } from './links';
import type { AllowedTag } from './markup';
import { ALLOWED, isMarkup, MAX_MARKUP, reduceMarkup } from './markup';

/** Elements inside each other; what lies deeper is drawn as its text. */
const MAX_DEPTH = 12;
/** Elements of one abstract; beyond them there is only text. */
const MAX_ELEMENTS = 1000;

const TAGS = new Map<string, AllowedTag>(ALLOWED.map(tag => [tag, tag]));

/** Soft hyphens, zero-width spaces and byte order marks hide nothing in a sentence and are left out. */
const HARMLESS = /[\u00ad\u200b\u2060\ufeff]/g;

/** Text of a paragraph: white space as in HTML, unseen characters visible. */
function prose(text: string): string {
  return showUnseen(text.replace(/[\s\u0085]+/g, ' ').replace(HARMLESS, ''));
}

/** Plain text as paragraphs, which empty lines part. */
function paragraphs(text: string): React.ReactNode[] {
  return text
    .split(/\r?\n[\t ]*\r?\n/)
    .slice(0, MAX_ELEMENTS)
    .filter(part => part.trim() !== '')
    .map((part, index) => {
      const lines = part.trim().split(/\r?\n/).slice(0, MAX_ELEMENTS);
      const drawn = lines.flatMap((line, row) =>
        row === 0 ? [prose(line)] : [React.createElement('br', { key: row }), prose(line)]
      );
      return React.createElement('p', { key: index }, ...drawn);
    });
}

/** Turns the nodes of an inert document into elements of this page, by the list of what may be there. */
class Builder {
  private elements = 0;

  children(parent: Node, depth: number): React.ReactNode[] {
    const drawn: React.ReactNode[] = [];
    for (let node = parent.firstChild, key = 0; node !== null; node = node.nextSibling, key++) {
      if (node.nodeType === Node.TEXT_NODE) {
        drawn.push(prose(node.nodeValue ?? ''));
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        drawn.push(this.element(node as Element, depth, key));
      }
    }
    return drawn;
  }

  private element(node: Element, depth: number, key: number): React.ReactNode {
    // The name without a prefix: `a` of an SVG is drawn as a link of HTML, whatever else it was.
    const tag = TAGS.get(node.localName);
    if (depth >= MAX_DEPTH || this.elements >= MAX_ELEMENTS) {
      return prose(node.textContent ?? '');
    }
    this.elements++;
    if (tag === 'br') {
      return React.createElement('br', { key });
    }
    const children = this.children(node, depth + 1);
    if (tag === undefined) {
      return React.createElement(React.Fragment, { key }, ...children);
    }
    if (tag !== 'a') {
      return React.createElement(tag, { key }, ...children);
    }
    const href = safeLink(node.getAttribute('href'));
    return href === undefined
      ? React.createElement(React.Fragment, { key }, ...children)
      : React.createElement('a', { key, href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
  }
}

/** What is allowed of a parsed body, whatever is in it; the document must have no browsing context. */
export function allowedOf(body: Node): React.ReactNode[] {
  return new Builder().children(body, 0);
}

/**
 * An abstract as elements: paragraphs, line breaks, emphasis, indices, lists and links to other sites by `https:`, without
 * any other attribute. Everything else is its text; what lies beyond 100,000 characters is cut. The document it is parsed
 * in has no browsing context: nothing in it runs or loads. Elements are made anew from the names allowed, no HTML text
 * ever reaches the page.
 */
export function sanitise(text: string): React.ReactNode[] {
  const cut = text.slice(0, MAX_MARKUP);
  if (!isMarkup(cut)) {
    return paragraphs(cut);
  }
  const reduced = reduceMarkup(cut);
  // Where only words are marked, empty lines part the paragraphs as in plain text.
  const parted = /<(?:p|br|li)>/.test(reduced) ? reduced : reduced.replace(/\n[\t\r ]*\n/g, '<p>');
  const parsed = new DOMParser().parseFromString(`<!doctype html><body>${parted}`, 'text/html');
  return allowedOf(parsed.body);
}
