return await OrgGateway.Hosting.GatewayProgram.RunAsync(args, CancellationToken.None);
