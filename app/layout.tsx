import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import "./globals.css";
import { Providers } from "./providers";

export const metadata: Metadata = {
  title: { default: "Usher", template: "%s · Usher" },
  description: "Lets a team's AI assistants call MCP servers as the right account.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8f9f9" },
    { media: "(prefers-color-scheme: dark)", color: "#0e1011" },
  ],
};

/**
 * A form that is not hydrated yet would reload the page with empty fields. A hydrated one has
 * prevented that by the time its event reaches the window.
 */
const keepEarlySubmits = `addEventListener("submit",e=>{if(!e.defaultPrevented){e.preventDefault();e.target.submittedEarly=true}})`;

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    // The theme's class is set before React looks at the element.
    <html
      lang="en"
      suppressHydrationWarning
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <body>
        <script
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: this file's own text
          dangerouslySetInnerHTML={{ __html: keepEarlySubmits }}
        />
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  );
}
