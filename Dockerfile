# syntax=docker/dockerfile:1
# Pin the bases by digest where builds must repeat:
#   docker build --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0@sha256:... --build-arg RUNTIME_IMAGE=...@sha256:... .
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
# Chiseled: no shell, no package manager, nothing to log in with.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS restore
ARG TARGETARCH
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /src
# Project files alone first: packages are restored again only when these change, not with every change of the code.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY gateway/BannedSymbols.txt gateway/OrgGateway.csproj gateway/
COPY gateway/standins/Pipelines.Sockets.Unofficial/Pipelines.Sockets.Unofficial.csproj gateway/standins/Pipelines.Sockets.Unofficial/
COPY gateway/standins/System.IO.Hashing/System.IO.Hashing.csproj gateway/standins/System.IO.Hashing/
COPY deploy/demo/Demo.csproj deploy/demo/
# ReadyToRun: compiled ahead of time, so that a replica answers its first request in the time of its second. The compiler is a
# package of the restore.
RUN dotnet restore deploy/demo/Demo.csproj --arch ${TARGETARCH:-amd64} -p:PublishReadyToRun=true

FROM restore AS build
ARG TARGETARCH
COPY .editorconfig ./
COPY gateway/ gateway/
# The folder that configuration is mounted on; the image brings none, so nothing is served that nobody configured.
RUN dotnet publish gateway/OrgGateway.csproj --configuration Release --no-restore --arch ${TARGETARCH:-amd64} --no-self-contained -p:PublishReadyToRun=true --output /out/gateway \
    && mkdir -p /out/gateway/config \
    && dotnet /out/gateway/OrgGateway.dll sbom > /out/gateway/sbom.cdx.json

FROM build AS build-demo
ARG TARGETARCH
COPY deploy/demo/ deploy/demo/
RUN dotnet publish deploy/demo/Demo.csproj --configuration Release --no-restore --arch ${TARGETARCH:-amd64} --no-self-contained --output /out/demo

# The demo's identity provider and app, for docker-compose.yml.
FROM ${RUNTIME_IMAGE} AS demo
WORKDIR /app
COPY --from=build-demo /out/demo ./
USER 1654
EXPOSE 8090 8091
ENTRYPOINT ["dotnet", "OrgGateway.Demo.dll"]

# Last, so that a plain "docker build ." makes the gateway.
FROM ${RUNTIME_IMAGE} AS gateway
LABEL org.opencontainers.image.title="OrgGateway" \
      org.opencontainers.image.description="OpenID Connect gateway for many organizations" \
      org.opencontainers.image.licenses="Apache-2.0"
# No diagnostic socket: nothing is written anywhere, so the root file system may be read-only. Polled files: mounted configuration
# and secrets change by links, which other watchers do not see.
ENV DOTNET_RUNNING_IN_CONTAINER=true DOTNET_EnableDiagnostics=0 DOTNET_USE_POLLING_FILE_WATCHER=true
WORKDIR /app
COPY --from=build /out/gateway ./
# The base image's own user "app", by number: an orchestrator can then check that it is not root.
USER 1654
# 8080 for callers; 8081 is the operators' and listens on loopback unless Gateway:Management:Url says otherwise.
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["dotnet", "OrgGateway.dll", "health"]
ENTRYPOINT ["dotnet", "OrgGateway.dll"]
