# syntax=docker/dockerfile:1
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
# Chiseled: no shell, no package manager, nothing to log in with.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS restore
WORKDIR /src
# Project files alone first: packages are restored again only when these change, not with every change of the code.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY gateway/OrgGateway.csproj gateway/
COPY gateway/standins/Pipelines.Sockets.Unofficial/Pipelines.Sockets.Unofficial.csproj gateway/standins/Pipelines.Sockets.Unofficial/
COPY gateway/standins/System.IO.Hashing/System.IO.Hashing.csproj gateway/standins/System.IO.Hashing/
COPY deploy/demo/Demo.csproj deploy/demo/
RUN dotnet restore deploy/demo/Demo.csproj

FROM restore AS build
COPY .editorconfig ./
COPY gateway/ gateway/
# The directory that configuration is mounted on; the image brings none, so nothing is served that nobody configured.
RUN dotnet publish gateway/OrgGateway.csproj --configuration Release --no-restore --output /out/gateway \
    && mkdir -p /out/gateway/config

FROM build AS build-demo
COPY deploy/demo/ deploy/demo/
RUN dotnet publish deploy/demo/Demo.csproj --configuration Release --no-restore --output /out/demo

# The demo's identity provider and app, for docker-compose.yml.
FROM ${RUNTIME_IMAGE} AS demo
WORKDIR /app
COPY --from=build-demo /out/demo ./
USER 1654
EXPOSE 8090 8091
ENTRYPOINT ["dotnet", "OrgGateway.Demo.dll"]

# Last, so that a plain "docker build ." makes the gateway.
FROM ${RUNTIME_IMAGE} AS gateway
WORKDIR /app
COPY --from=build /out/gateway ./
# The base image's own user "app", by number: an orchestrator can then check that it is not root.
USER 1654
EXPOSE 8080
ENTRYPOINT ["dotnet", "OrgGateway.dll"]
