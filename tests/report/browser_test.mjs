// A report in a real browser: Debian's Chromium, driven by playwright-core.
//
//     node tests/report/browser_test.mjs AIRLOCK [SCREENSHOT_FOLDER]
//
// Makes reports with the command AIRLOCK, opens them from disk as a reader would and prints one line
// per behaviour. Any request other than the file itself, any message on the console and any dialog
// is a failure. With a folder, screenshots are left there for docs/.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
let chromium;
try {
  ({ chromium } = require("playwright-core"));
} catch {
  console.error("no playwright-core: run scripts/setup");
  process.exit(1);
}

const [airlock, screenshots] = process.argv.slice(2).map((path) => resolve(path));
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const folder = mkdtempSync(join(tmpdir(), "airlock-report-"));

function run(args, cwd) {
  const result = spawnSync(airlock, args, { encoding: "utf8", cwd });
  assert.ok([0, 1].includes(result.status), `airlock ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

// ---- What is looked at ----

/** Names and texts that try to break out of the markup around them. */
const evilText = `</script><script>document.title="owned"</script><!-- <img src=x onerror="alert(1)"> ' & \u2028 ]]>`;
const evilName = `"><img src=x onerror=alert(1)>&'\n$end \`.c`;
function makeHostileModel() {
  const base = join(folder, "hostile");
  mkdirSync(base);
  writeFileSync(join(base, "m.c"), `/* ${evilText} */
#include <airlock/svm.h>
const u64 wanted = DEBUGCTLMSR_BUS_LOCK_DETECT;
void boot(void)
{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, wanted); /* ${evilText} */
}
void vcpu_run(void)
{
	clgi();
	vmrun();
	stgi();
}
/*
 * ${evilText}
 *
 * Trace: ${evilText} {cpu.debugctl}
 */
bool always_clean(void)
{
	return !cpu.guest_mode || (cpu.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT) == 0;
}
`);
  writeFileSync(join(base, evilName), `/* ${evilText} */
#include <airlock/svm.h>
void boot(void) { wrmsrl(MSR_IA32_DEBUGCTLMSR, wanted | 1); }
`);
  return base;
}

const files = {
  matrix: join(folder, "matrix.html"), trace: join(folder, "trace.html"),
  hostile: join(folder, "hostile.html"), runs: join(folder, "runs.html"),
};
run(["compare", "specs/kvm", "--fix", "none", "--fix", "v1", "--quiet", "--report", files.matrix,
  "--certificate", join(folder, "certificates"),
  "--property", "always_guest_runs_with_no_foreign_debugctl_bits",
  "--property", "always_debugctl_is_the_guests", "--property", "reachable_guest_runs"]);
run(["trace", "specs/kvm", "--property", "always_dr6_is_the_guests", "--quiet", "--report", files.trace]);
run(["trace", "specs/kvm", "--property", "noninterference_host_to_guest", "--quiet", "--report", files.runs]);
run(["compare", "m.c", "--fix", "none", "--fix", `./${evilName}`, "--property", "always_clean",
  "--quiet", "--report", files.hostile], makeHostileModel());

// ---- The harness ----

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
let failures = 0;

/** Runs `body` on a fresh page that shows `file`. */
async function test(name, file, options, body) {
  const complaints = [];
  const context = await browser.newContext({ viewport: desktop, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url && !request.url().startsWith("data:")) complaints.push(`request: ${request.url()}`);
  });
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  try {
    await page.goto(url);
    await body(page);
    assert.deepEqual(complaints, []);
    console.log(`ok      ${name}`);
  } catch (error) {
    ++failures;
    console.log(`FAILED  ${name}\n        ${error.message.replace(/\n/g, "\n        ")}`);
  }
  await context.close();
}

const at = (page) => page.locator("#explorer").getAttribute("data-at").then(Number);
const last = (page) => page.locator("#explorer-range").getAttribute("max").then(Number);
const violated = "td.violated a[data-trace]";

async function noSidewaysScroll(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `the page is ${content} wide in a window of ${window}`);
}

/** Texts whose contrast with what is behind them is below 4.5:1 (WCAG 2.1, 1.4.3). */
const lowContrast = () => {
  const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = numbers(colour).map((c) => {
      const v = c / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
      if (alpha !== 0) return null;
    }
    return null;
  };
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest("script")) continue;
    // A column's number lies on the column, boxes lie on the lanes.
    const [back, ink] = [behind(node), getComputedStyle(node).color];
    if (!back) { bad.add(`nothing behind ${node.className}`); continue; }
    const [dark, light] = [luminance(back), luminance(ink)].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) bad.add(`${ratio.toFixed(2)}: <${node.tagName} ${node.className}> ${walker.currentNode.data.trim().slice(0, 20)} ${ink} on ${back}`);
  }
  return [...bad];
};

// ---- What is expected ----

await test("every violated cell opens its trace, and the scrubber reaches the last step", files.matrix, {}, async (page) => {
  const count = await page.locator(violated).count();
  assert.ok(count >= 3, `only ${count} violated cells`);
  for (let i = 0; i < count; ++i) {
    const cell = page.locator(violated).nth(i);
    await cell.click();
    assert.equal(await page.locator("#explorer").getAttribute("data-trace"), await cell.getAttribute("data-trace"));
    assert.equal(await cell.getAttribute("aria-current"), "true");
    const steps = await last(page);
    assert.equal(`${steps} steps`, await cell.locator(".steps").innerText());
    await page.locator("#explorer-range").fill(String(steps));
    assert.equal(await at(page), steps);
    assert.equal(await page.locator(".counter").innerText(), `Step ${steps} of ${steps}`);
    assert.ok(await page.locator(".parting.wrong").isVisible());
    assert.ok(await page.locator("#explorer .wrong .sign").first().isVisible(), "no sign beside the red");
  }
});

await test("every proof leads to its certificate and to its invariant in words", files.matrix, {}, async (page) => {
  const proved = await page.locator("td.holds:has(a.proof)").count();
  assert.ok(proved >= 1, "no cell has a proof");
  for (let i = 0; i < proved; ++i) {
    const links = page.locator("td.holds:has(a.proof)").nth(i).locator("a.proof");
    const certificate = new URL(await links.nth(0).getAttribute("href"), pathToFileURL(files.matrix));
    assert.ok(existsSync(fileURLToPath(certificate)), `${certificate} is not there`);
    const words = page.locator(await links.nth(1).getAttribute("href"));
    await links.nth(1).click();
    assert.ok(await words.isVisible(), "the invariant stays closed");
    assert.match(await words.innerText(), / {2}- \S/);
  }
});

await test("the diverging bit is marked from where real and reference part company, not before", files.trace, {}, async (page) => {
  const wrong = page.locator(".bit.wrong");
  assert.equal(await at(page), 14);
  assert.deepEqual(await wrong.allInnerTexts(), ["≠BLD 0", "≠BLD 1"]);
  assert.equal(await page.locator('[data-group="cpu"] [data-name="DR6"] .bit.wrong').count(), 1);
  assert.equal(await page.locator('[data-group="reference guest"] .bit.wrong').count(), 1);
  await page.getByRole("button", { name: "Step back" }).click();
  assert.equal(await wrong.count(), 0);
  assert.equal(await page.locator(".parting.wrong").count(), 0);
  await page.getByRole("button", { name: "Last step" }).click();
  assert.deepEqual(await wrong.allInnerTexts(), ["≠BLD 0", "≠BLD 1"]);
  assert.match(await page.locator(".parting").innerText(), /The guest read DR6 as BLD=0; it should have read FFFF0FF0h/);
  assert.equal(await page.locator(".column.parted").count(), 2);
});

await test("the current C line is lit, and what the step changed", files.trace, {}, async (page) => {
  await page.locator("#explorer-range").fill("1");
  assert.match(await page.locator("li.now").innerText(), /update_debugctlmsr\(debugctl\)/);
  const changed = page.locator(".register.changed");
  assert.deepEqual(await changed.evaluateAll((all) => all.map((each) => each.dataset.name)),
    ["DEBUGCTL", "reference_host.DEBUGCTL"]);
  assert.equal(await page.locator(".bit.changed.on").first().innerText(), "BLCKDB 1");
  await page.locator("#explorer-range").fill("2");
  await page.locator(".files button", { hasText: "vcpu.c" }).click();
  assert.ok(await page.locator("li.ran").count() > 5);
});

await test("the keyboard does everything", files.matrix, {}, async (page) => {
  await page.locator(violated).nth(1).focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "explorer-range");
  await page.keyboard.press("Home");
  assert.equal(await at(page), 0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await at(page), 2);
  await page.keyboard.press("End");
  assert.equal(await at(page), await last(page));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "First step");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "solid", "focus cannot be seen");
  await page.keyboard.press("Enter");
  assert.equal(await at(page), 0);
  await page.keyboard.press("ArrowRight");
  assert.equal(await at(page), 1);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowRight");
  assert.equal(await at(page), 2);
});

await test("a screen reader is told each step, and everything that can be used has a name", files.matrix, {}, async (page) => {
  await page.locator("#explorer-range").fill("1");
  assert.match(await page.locator("#explorer-range").getAttribute("aria-valuetext"), /^Step 1 of \d+\. boot: boot\.c:\d+ update_debugctlmsr/);
  assert.match(await page.locator("[aria-live]").innerText(), /^boot: boot\.c/);
  const nameless = await page.evaluate(() => [...document.querySelectorAll("a, button, input, select, section, [role]")]
    .filter((node) => node.checkVisibility() && !(node.getAttribute("aria-label") || node.innerText.trim() ||
      (node.labels && node.labels.length) || node.getAttribute("aria-labelledby")))
    .map((node) => node.outerHTML.slice(0, 80)));
  assert.deepEqual(nameless, []);
  const dangling = await page.evaluate(() => [...document.querySelectorAll("[aria-labelledby], a[href^='#']")]
    .map((node) => node.getAttribute("aria-labelledby") || node.getAttribute("href").slice(1))
    .filter((id) => !document.getElementById(id)));
  assert.deepEqual(dangling, []);
  const headings = await page.evaluate(() => [...document.querySelectorAll("h1, h2, h3, h4")]
    .filter((node) => node.checkVisibility()).map((node) => Number(node.tagName[1])));
  headings.reduce((before, now) => (assert.ok(now <= before + 1, "a heading level is skipped"), now));
});

for (const colorScheme of ["light", "dark"]) {
  for (const file of ["matrix", "trace"]) {
    await test(`contrast is at least 4.5:1 everywhere (${file}, ${colorScheme})`, files[file], { colorScheme }, async (page) => {
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
      for (const step of [1, 5, await last(page)]) {
        await page.locator("#explorer-range").fill(String(step));
        assert.deepEqual(await page.evaluate(lowContrast), []);
      }
    });
  }
}

for (const file of Object.keys(files)) {
  await test(`nothing scrolls sideways on a phone or a desktop (${file})`, files[file], {}, async (page) => {
    for (const size of [desktop, phone, { width: 320, height: 640 }]) {
      await page.setViewportSize(size);
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
      for (const step of [1, await last(page)]) {
        await page.locator("#explorer-range").fill(String(step));
        await noSidewaysScroll(page);
      }
    }
  });
}

await test("a matrix that is wider than the screen says that it scrolls, and keeps its rows' names", files.matrix, {}, async (page) => {
  await page.setViewportSize(phone);
  const hint = page.locator(".goes-on").first();
  await page.waitForFunction(() => document.querySelector(".goes-on").classList.contains("wider"));
  assert.ok(await hint.isVisible());
  const box = page.locator(".scroll").first();
  await box.evaluate((node) => node.scrollTo(node.scrollWidth, 0));
  const name = await page.locator(".matrix tbody th").first().boundingBox();
  const place = await box.boundingBox();
  assert.ok(name.x >= place.x - 1 && name.x < place.x + 10);
  await page.setViewportSize({ width: 2200, height: 800 });
  await page.waitForFunction(() => document.querySelector(".goes-on").classList.contains("fits"));
  assert.ok(!await hint.isVisible());
});

await test("without JavaScript the matrix and every trace can be read", files.matrix, { javaScriptEnabled: false }, async (page) => {
  assert.ok(!await page.locator("#explorer").isVisible());
  assert.ok(await page.locator("table.matrix").first().isVisible());
  const href = await page.locator(violated).first().getAttribute("href");
  const details = page.locator(href);
  await details.locator("summary").click();
  assert.match(await details.locator("pre").innerText(), /is violated in 5 steps[\s\S]*vmrun\(\);/);
});

await test("printed, it has the matrix and the open traces, and no controls", files.trace, {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  assert.ok(!await page.locator("#explorer").isVisible());
  assert.ok(await page.locator("details.trace pre").isVisible());
  assert.ok((await page.pdf()).length > 10000);
});

await test("names and texts from spec files stay text", files.hostile, {}, async (page) => {
  assert.equal(await page.title(), "Airlock: m.c");
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("script").count(), 2);
  assert.equal(await page.locator("table.matrix tbody tr").count(), 2);
  await page.locator(violated).nth(1).click();
  await page.locator("#explorer-range").fill(String(await last(page)));
  assert.match(await page.locator(".claim").innerText(), /<\/script><script>document\.title="owned"<\/script>/);
  assert.match(await page.locator("#explorer-trace").evaluate((node) => node.selectedOptions[0].text), /"><img src=x onerror=alert\(1\)>&'/);
  await page.locator("#explorer-range").fill("1");
  assert.match(await page.locator("li.now").innerText(), /boot/);
});

await test("two runs stand side by side, and where they differ is marked", files.runs, {}, async (page) => {
  await page.locator("#explorer-range").fill(String(await last(page)));
  const titles = await page.locator(".card h4").allInnerTexts();
  assert.ok(titles.includes("Run A: Physical CPU") && titles.includes("Run B: Physical CPU"), titles.join());
  assert.ok(await page.locator(".register.wrong .sign").count() >= 2);
  assert.ok(await page.locator(".box.guest").count() >= 2);
});

if (screenshots && existsSync(screenshots)) {
  const shot = (page, name) => page.screenshot({ path: join(screenshots, name) });
  await test("screenshots", files.trace, {}, async (page) => {
    await page.locator("#explorer").scrollIntoViewIfNeeded();
    await shot(page, "explorer.png");
    await page.emulateMedia({ colorScheme: "dark" });
    await shot(page, "explorer-dark.png");
    await page.setViewportSize(phone);
    await page.evaluate(() => document.querySelector("#explorer").scrollIntoView());
    await shot(page, "explorer-phone.png");
  });
}

await browser.close();
rmSync(folder, { recursive: true });
process.exit(failures ? 1 : 0);
