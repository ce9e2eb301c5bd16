# One image for every process: api, worker, carrier and migrate differ by their command.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONTZPATH=""
WORKDIR /app

# The lock first: it changes less often than the code.
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

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
COPY examples examples
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && python -m compileall -q . \
    && useradd --create-home --uid 10001 trunkline \
    && mkdir /data && chown trunkline /data

USER trunkline
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["trunkline"]
CMD ["api"]
