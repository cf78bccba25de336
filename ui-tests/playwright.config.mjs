import { defineConfig } from '@playwright/test';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Debian's Chromium with software WebGL2 and plain colours; the last flags keep it from looking for the network. */
const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--force-color-profile=srgb', '--force-device-scale-factor=1',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
];

/** Tests that count rounds and frames or measure memory: they want the machine for themselves, the others run two at a time. */
export const ALONE = ['coexist', 'failures', 'hub', 'large', 'lifecycle', 'requests', 's3'];
const alone = ALONE.map(name => `**/${name}.spec.ts`);
const part = process.env.BIOIMAGE_PART; // `shared` or `alone`; all of them where nothing is said

export default defineConfig({
  testDir: 'tests',
  ...(part === 'shared' && { testIgnore: alone }),
  ...(part === 'alone' && { testMatch: alone }),
  outputDir: path.join(ROOT, '.cache', 'test-results'),
  workers: part === 'shared' ? 2 : 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: process.env.BIOIMAGE_REPORT ?? path.join(ROOT, '.cache', 'reports', 'playwright.json') }]],
  use: {
    viewport: { width: 1280, height: 800 },
    video: 'off',
    trace: 'off',
    screenshot: 'only-on-failure',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM_FLAGS }
  }
});
