"""What an operator sees: log lines, metrics, traces, alerts, the dashboard of Grafana."""
