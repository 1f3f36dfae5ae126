import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Chromium 103 is the oldest browser inside a supported OBS (29.1 to 30.2).
const OLDEST = 'chrome103';

const ENTRIES = { overlay: 'src/overlay/main.ts', dashboard: 'src/dashboard/main.ts', sheet: 'src/avatars/sheet.ts' };

export default defineConfig({
  base: '/static/',
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: OLDEST,
    cssTarget: OLDEST,
    // The worklet and everything else keep their own address: the pages' CSP allows no data: scripts.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(ENTRIES).filter(([, path]) => existsSync(path))),
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
