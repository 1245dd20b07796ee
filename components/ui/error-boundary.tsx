"use client";

import { Component, type ReactNode } from "react";

export type ErrorBoundaryProps = {
  /** Rendered again when this value changes: what failed may have changed. */
  resetKey: unknown;
  /** Shown instead of what could not be rendered. `retry` renders it again. */
  fallback: (retry: () => void) => ReactNode;
  children: ReactNode;
};

type State = { failed: boolean; resetKey: unknown };

/**
 * Keeps a part that cannot be rendered from breaking the page. The error goes to the browser's console,
 * where React reports it.
 * @see https://react.dev/reference/react/Component#catching-rendering-errors-with-an-error-boundary
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  override state: State = { failed: false, resetKey: this.props.resetKey };

  static getDerivedStateFromError(): Partial<State> {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: ErrorBoundaryProps, state: State): State | null {
    if (Object.is(props.resetKey, state.resetKey)) return null;
    return { failed: false, resetKey: props.resetKey };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return this.props.fallback(() => this.setState({ failed: false }));
  }
}
