// Answers everything with 1 KiB, or with the headers that it received where the query says so.
//   Upstream <port>
using System.Globalization;
using System.Net;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));

var kibibyte = new byte[1024];
Array.Fill(kibibyte, (byte)'x');
var app = builder.Build();
app.Run(context =>
{
    context.Response.ContentType = "text/plain";
    if (context.Request.QueryString.Value == "?headers")
        return context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
    context.Response.ContentLength = kibibyte.Length;
    return context.Response.Body.WriteAsync(kibibyte, 0, kibibyte.Length);
});
app.Run();
