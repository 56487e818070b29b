// Login at a gateway that requires a token.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, openPage, startGuarded, TOKEN } from "./harness.mjs";

test("a login link works exactly once", async (t) => {
  const { gateway, link } = await startGuarded(t);
  const { message, received, page } = await openPage(t, { gateway, fragment: link });
  await message.fill("hello");
  await message.press("Enter");
  await received.getByText("echo : hello").waitFor();
  assert.equal(page.url(), gateway.page, "the code is not in the address bar");

  const other = await openPage(t, { gateway, fragment: link, opens: false });
  await other.page.getByRole("alert").getByText("This link has been used").waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`the login form accepts the token and is accessible (${colorScheme})`, async (t) => {
    const { gateway } = await startGuarded(t);
    const options = { gateway, colorScheme, opens: false, viewport: { width: 360, height: 640 } };
    const { page, connection, button } = await openPage(t, options);
    const token = page.getByLabel("Token");
    await assertAccessible(page);
    await token.fill("something-else-entirely");
    await token.press("Enter");
    await page.getByRole("alert").getByText("That is not the token").waitFor();
    await assertAccessible(page);
    await token.fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    await connection.getByText("Open").waitFor();

    await page.reload();
    await connection.getByText("Open").waitFor();
    assert.equal(await button("Log in").count(), 0);
  });
}

test("the login page of a browser that is logged in has an accessible logout", async (t) => {
  const { gateway, link } = await startGuarded(t);
  const { page, connection } = await openPage(t, { gateway, fragment: link });
  await connection.getByText("Open").waitFor();
  await page.goto(`${gateway.page}login`);
  const logout = page.getByRole("button", { name: "Log out" });
  await logout.waitFor();
  await assertAccessible(page);
  await logout.click();
  await page.getByLabel("Token").waitFor();
  assert.equal(await logout.count(), 0);
  await page.goto(gateway.page);
  await page.getByLabel("Token").waitFor();
});
