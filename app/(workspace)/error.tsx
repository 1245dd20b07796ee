"use client";

// Keeps the navigation and the chat in place while one page fails.
export { default } from "../error";
