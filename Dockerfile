# One image for every process: the pages by default, the others by their command (docs/deployment.md).

# By its digest, where it must be the same image tomorrow: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# manage.py creates the secrets that are not set: here in a folder that stays behind in this stage.
RUN VAR_DIR=/tmp/build STATIC_ROOT=/app/collected \
    /opt/venv/bin/python manage.py collectstatic --no-input \
 && python -m compileall -q --invalidation-mode unchecked-hash audit campaigns cxadmin

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 app \
 && useradd --uid 10001 --gid app --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app \
 && install -d -m 0700 -o app -g app /var/lib/campaign-control /var/lib/campaign-control-checkpoints
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    STATIC_ROOT=/app/collected \
    VAR_DIR=/var/lib/campaign-control \
    AUDIT_CHECKPOINT_DIR=/var/lib/campaign-control-checkpoints
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER 10001:10001
VOLUME ["/var/lib/campaign-control", "/var/lib/campaign-control-checkpoints"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "cxadmin.wsgi"]
