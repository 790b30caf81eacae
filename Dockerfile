# A digest pins it for good: --build-arg NODE_IMAGE=node:24.11.1-bookworm-slim@sha256:… (docs/deploying.md, The image).
ARG NODE_IMAGE=node:24.11.1-bookworm-slim

FROM ${NODE_IMAGE} AS build
# The newest list of whom to trust, whatever the base image's day: no version is pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY workflows ./workflows
COPY activities ./activities
COPY workers ./workers
# Packages that only some need: --build-arg KEEP_PEERS=aws-msk-iam-sasl-signer-js (docs/deploying.md, The image).
ARG KEEP_PEERS=''
RUN node scripts/build.mjs && node scripts/keep-peers.mjs "$KEEP_PEERS" && npm prune --omit=dev && node scripts/slim.mjs

FROM ${NODE_IMAGE}
# Temporal's native core verifies TLS against the system's certificates, which the slim image lacks.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
WORKDIR /app
ENV NODE_ENV=production VF_ADMIN_PORT=9464
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY bin ./bin
# Journals of `verdictflow replay run`: mount it to keep them.
RUN install -d -o 1000 -g 1000 .verdictflow
# The user `node` by its number: Kubernetes' runAsNonRoot knows no names.
USER 1000:1000
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.VF_ADMIN_PORT + '/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/workers/main.js"]
CMD ["all"]
