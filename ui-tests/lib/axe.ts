import path from 'node:path';
import type { Page } from '@playwright/test';

const AXE = path.resolve(__dirname, '../../node_modules/axe-core/axe.min.js');

interface IViolation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** Violations of axe's rules inside our own elements. */
export async function violations(page: Page, selector: string): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate(
    target => (window as unknown as { axe: { run(target: object): Promise<{ violations: IViolation[] }> } }).axe.run({ include: [target] }).then(r => r.violations),
    selector
  );
  return found.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary ?? ''}`));
}
