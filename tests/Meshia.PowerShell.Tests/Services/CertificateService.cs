using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Meshia.PowerShell.Tests;

/// <summary>A service with TLS that asks its clients for a certificate, and remembers what each showed.</summary>
internal sealed class CertificateService : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _shown = new();
    private readonly X509Certificate2 _certificate;
    private WebApplication? _application;

    private CertificateService(PrivateAuthority authority) => _certificate = authority.Issue("localhost");

    public Uri Address { get; private set; } = null!;

    /// <summary>Method and path of each request, and the name of the client certificate.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The name of each client certificate, accepted or not.</summary>
    public IReadOnlyList<string> Shown => [.. _shown];

    /// <param name="authority">Who issues its certificate, and those of its clients.</param>
    /// <param name="mode">Whether it requires a certificate, or takes one if it gets one.</param>
    /// <param name="answer">The answer.</param>
    public static async Task<CertificateService> StartAsync(PrivateAuthority authority, ClientCertificateMode mode, Func<HttpContext, Task> answer)
    {
        var service = new CertificateService(authority);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = service._certificate;
            https.ClientCertificateMode = mode;
            https.ClientCertificateValidation = (certificate, _, _) =>
            {
                service._shown.Enqueue(certificate.Subject);
                return authority.Issued(certificate);
            };
        })));
        service._application = builder.Build();
        service._application.Run(async context =>
        {
            service._requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Connection.ClientCertificate?.Subject ?? "-"}");
            await answer(context);
        });
        await service._application.StartAsync(TestContext.Current.CancellationToken);
        service.Address = new Uri(service._application.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _application!.DisposeAsync();
        _certificate.Dispose();
    }
}
