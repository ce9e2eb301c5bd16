# One image for every process: api, worker, carrier, migrate and attributes differ by their command.
# A release pins the base by its digest: --build-arg PYTHON_IMAGE=python:3.12.12-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.12.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
RUN python -m venv /opt/trunkline

# The lock first: it changes less often than the code.
COPY requirements.lock ./
RUN /opt/trunkline/bin/pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md ./
COPY *.py ./
COPY observability observability
COPY policy policy
COPY contracts contracts
COPY telephony telephony
COPY webhooks webhooks
COPY storage storage
COPY activities activities
COPY workflows workflows
COPY api api
COPY dashboard dashboard
COPY trunkline_client trunkline_client
COPY cli cli
COPY simulator simulator
RUN /opt/trunkline/bin/pip install --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/trunkline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONTZPATH=""
RUN useradd --no-create-home --home-dir /data --uid 10001 trunkline \
    && mkdir /data && chown trunkline:trunkline /data
COPY --from=build /opt/trunkline /opt/trunkline

WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Of the API, which is what runs without a command. Others say what is true of them where they are run.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["trunkline"]
CMD ["api"]
