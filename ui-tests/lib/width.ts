import type { Page } from '@playwright/test';

/** Makes the left sidebar that wide, in CSS pixels, as a person does: by dragging its edge. */
export async function widenSidebar(page: Page, width: number): Promise<void> {
  const panel = page.locator('#jp-bioimage-browser');
  const box = (await panel.boundingBox())!;
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width + 2, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + width + 2, middle, { steps: 8 });
  await page.mouse.up();
  await page.waitForTimeout(300); // the layout follows in the next frames
}
