import { afterEach, describe, expect, it } from "vitest";
import { singleSignOnCheck } from "@/lib/doctor/checks/single-sign-on";
import { doctorRun } from "@/lib/doctor/run";
import { keeping, type Stage, setStage } from "@/tests/integration/kept-sign-in/stage";
import { changeNextAnswer } from "@/tests/support/oidc-browser";

let stage: Stage;
afterEach(() => stage.close());

const check = () => singleSignOnCheck.run(doctorRun(stage.usher.app, { requestHeaders: null }));
const metadataWithout = (...names: string[]) =>
  changeNextAnswer(stage.provider, "/.well-known/openid-configuration", (metadata) =>
    Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name))),
  );

describe("the doctor's check of single sign-on", () => {
  it("accepts a provider that lists refresh tokens", async () => {
    stage = await setStage();
    expect(await check()).toEqual({
      status: "ok",
      finding:
        "Acme ID answers. Sign-ins are kept, and it lists refresh tokens. It issues no ID-JAGs, as servers with Token Sharing: Organization may need.",
      fix: null,
    });
  });

  it("warns if sign-ins are kept and refresh tokens are not listed", async () => {
    stage = await setStage();
    metadataWithout("grant_types_supported", "scopes_supported");
    expect(await check()).toMatchObject({
      status: "warning",
      finding: expect.stringContaining("lists no refresh tokens"),
    });
  });

  it("does not warn about that if nothing is kept", async () => {
    stage = await setStage({}, {});
    metadataWithout("grant_types_supported", "scopes_supported");
    expect(await check()).toMatchObject({ status: "ok", finding: "Acme ID answers." });
  });

  it("fails if the provider is not what OIDC_ISSUER says, or does not answer", async () => {
    stage = await setStage({}, keeping);
    const path = "/.well-known/openid-configuration";
    changeNextAnswer(stage.provider, path, (metadata) => ({
      ...metadata,
      issuer: "https://evil.example",
    }));
    expect(await check()).toMatchObject({
      status: "failed",
      finding: expect.stringContaining(" but of https://evil.example/."),
      fix: expect.stringMatching(/^Set/),
    });
    stage.provider.intercept(path, (_request, response) => {
      response.destroy();
    });
    expect(await check()).toMatchObject({ status: "failed", fix: expect.stringMatching(/^Check/) });
    stage.provider.intercept(path, null);
  });
});
