# One image for web, worker, beat, migrations and audit; docker-compose.yml says which is which.
FROM node:24-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim AS packages
COPY requirements/base.txt /requirements/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
       -r /requirements/base.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 STATIC_ROOT=/app/static TZ=Asia/Shanghai
RUN useradd --system --no-create-home --home-dir /nonexistent tracker \
    && install -d -o tracker /digests /files
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=assets /assets/node_modules node_modules
# Neither needs a server or a secret: texts and static files are the same everywhere.
RUN for catalog in */locale/*/LC_MESSAGES/django.po; do \
      test ! -e "$catalog" || pybabel -q compile -i "$catalog" -o "${catalog%.po}.mo" || exit 1; done \
    && python -m compileall -q . \
    && python manage.py collectstatic --noinput
USER tracker
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "config.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", "--log-level", "warning"]
