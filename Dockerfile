# The server in a container: built from this repository, run as nobody in particular, with its data in /data.
#   docker build -t trunkline .
#   docker run --env-file .env -e MONGODB_URI= -e AUTH_STORAGE= -p 127.0.0.1:5000:5000 -v trunkline:/data trunkline
# That is with SQLite; a MONGODB_URI has to name a server as the container sees it, where localhost is the container itself.
# `docker run … trunkline trunkline seed`, `import` and `restore` are the other commands of the server.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN npx -y pnpm@10.34.9 install --frozen-lockfile \
 && npm run build \
 && npx -y pnpm@10.34.9 -r --filter './packages/*' pack --pack-destination /tarballs
WORKDIR /app
# As whoever installs from npm gets it. Nothing that the server needs runs an install script.
RUN for name in api contract core dashboard express-adapter mongo-store nats-bus server signal socketio-bridge sqlite-store; do \
      set -- "$@" /tarballs/trunkline-$name-[0-9]*.tgz; \
    done \
 && echo '{"private":true}' > package.json \
 && npm install --omit=dev --ignore-scripts --no-audit --no-fund "$@" \
# This Node.js has SQLite of its own.
 && rm -r node_modules/libsql node_modules/@libsql

FROM node:24-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data PORT=5000 PATH=/app/node_modules/.bin:$PATH
RUN install -d -o node -g node /data
COPY --from=build /app /app
# So that ./data of .env.example is the volume too.
WORKDIR /
USER node
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The program itself, so that it gets the signals.
CMD ["node", "/app/node_modules/@trunkline/server/bin/trunkline.js"]
