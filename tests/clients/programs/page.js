// A page on a server of its own that makes every call of the API from the browser (usage-api §9, C8).
//
// Its habits: it signs in with a token in the address; `1=1` where nothing is to be filtered; a metric stands among the
// fields too; names of charge-back fields are encoded into the address, empty ones are dropped; of a refusal it shows
// `Message`; what it asks for at session level has no usageCategory. It knows `config.json` and nothing else.
"use strict";

const drawn = {};
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function signIn(config) {
  const asked = new URLSearchParams({
    response_type: "token", client_id: config.clientId, redirect_uri: config.redirectUri, scope: "data:read data:write",
  });
  location.assign(`${config.base}/authentication/v2/authorize?${asked}`);
}

function caller(config, token) {
  return async (name, method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const got = await fetch(`${config.base}/tokenflex/v1${path}`, { method, headers, body: sent });
    const text = await got.text();
    const said = text === "" ? null : JSON.parse(text);
    drawn[name] = { status: got.status, said: got.ok ? said : said.Message ?? said.developerMessage };
    return said;
  };
}

async function metadata(ask) {
  const contracts = await ask("contracts", "GET", "/contract");
  const number = contracts[0].contractNumber;
  await ask("contract", "GET", `/contract/${number}`);
  const names = (await ask("enrichment", "GET", `/contract/${number}/enrichment`)).filter((name) => name !== "");
  for (const name of names) {
    await ask(`values of ${name}`, "GET", `/contract/${number}/enrichment/${encodeURIComponent(name)}`);
  }
  for (const field of ["productName", "userName", "machineName", "licenseServerName"]) {
    await ask(field, "GET", `/contract/${number}/${field}?usageCategory=DESKTOP_PRODUCT`);
  }
  return number;
}

async function usage(ask, number) {
  await ask("summary", "GET", `/usage/${number}/summary?minUsageMonth=2020-01-01&maxUsageMonth=2999-12`);
  await ask("last", "GET", `/usage/${number}/last`);
  const question = { fields: ["productName", "tokensConsumed"], metrics: ["tokensConsumed"], where: "1=1" };
  const { id } = await ask("query", "POST", `/usage/${number}/query`, question);
  for (let turn = 0; turn < 20; turn += 1) {
    const got = await ask("rows", "GET", `/usage/${number}/query/${id}?offset=0&limit=100`);
    if (!["QUEUED", "PROCESSING"].includes(got.status)) break;
    await pause(3);
  }
}

async function exports(ask, config, number) {
  const at = `/export/${number}/requests`;
  await ask("session level", "POST", at, { fields: ["sessionStartDate", "userName"], metrics: [], where: "1=1" });
  const question = { fields: ["productName", "tokensConsumed"], metrics: ["tokensConsumed"], where: "1=1" };
  const ordered = await ask("order", "POST", at, { ...question, downloadFileName: "from the page" });
  const one = `${at}/${encodeURIComponent(ordered.requestKey)}`;
  let state = ordered;
  for (let turn = 0; turn < 200 && state.requestStatus === "Requested"; turn += 1) {
    await pause(0.3);
    state = await ask("state", "GET", one);
  }
  const file = await fetch(state.downloadUrl);
  drawn.file = { status: file.status, said: await file.text(), as: file.headers.get("Content-Disposition") };
  await ask("list", "GET", `${at}?fromDate=2020-01-01T00:00:00Z&toDate=2999-01-01T00:00:00Z`);
  await ask("made elsewhere", "GET", "/export/null/requests?fromDate=2020-01-01T00:00:00Z&toDate=2999-01-01T00:00:00Z");
  await ask("fresh address", "POST", `${one}/refreshUrl`);
  await ask("retry", "POST", `${one}/retry`);
  await ask("read", "POST", `${at}/markRead`, [ordered.requestKey]);
  await ask("delete", "DELETE", one);
}

async function schedules(ask, number) {
  const at = `/export/${number}/schedules`;
  const schedule = {
    dateRangeExpression: "Previous-1-Month", enableFlag: "Y", frequencyExpression: "0 0 18 5 * *",
    scheduleObjects: [{ usageCategory: "DESKTOP_PRODUCT", aggregationLevel: ["Daily", "Monthly"] }],
  };
  const { scheduleID } = await ask("schedule", "POST", at, schedule);
  await ask("schedules", "GET", at);
  await ask("one schedule", "GET", `${at}/${scheduleID}`);
  await ask("replace", "PUT", `${at}/${scheduleID}`, { ...schedule, enableFlag: "N" });
  await ask("drop", "DELETE", `${at}/${scheduleID}`);
}

async function main() {
  const config = await (await fetch("config.json")).json();
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.get("access_token") === null) {
    signIn(config);
    return;
  }
  const ask = caller(config, given.get("access_token"));
  try {
    drawn.token = { type: given.get("token_type"), expires: given.get("expires_in") };
    const number = await metadata(ask);
    await usage(ask, number);
    await exports(ask, config, number);
    await schedules(ask, number);
  } catch (error) {
    drawn.failed = String(error);
  }
  const place = document.getElementById("drawn");
  place.textContent = JSON.stringify(drawn);
  place.dataset.done = "yes";
}

main();
