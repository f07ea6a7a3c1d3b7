# The program for production: Debian slim, Python 3.11, a user without rights. `docker compose up` starts all of it.
FROM python:3.11-slim-bookworm

RUN --mount=type=bind,target=/source \
    sh /source/docker/install.sh /source /srv/portal \
    && useradd --system --home-dir /srv/portal --shell /usr/sbin/nologin portal \
    && chown -R portal:portal /srv/portal/data

COPY docker/healthcheck.py /srv/portal/healthcheck.py
ENV PATH=/srv/portal/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/srv/portal/data
WORKDIR /srv/portal/app
USER portal
VOLUME /srv/portal/data/files /srv/portal/data/signing
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "/srv/portal/healthcheck.py"]
CMD ["gunicorn", "--config", "python:portal.gunicorn", "--bind", "0.0.0.0:8000", "portal.wsgi:application"]
