using System.Net;
using System.Text.Json;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Webhooks;

namespace Meshia.Sandbox;

/// <summary>A running sandbox: the Meshia API and its artifact storage on two loopback ports.</summary>
public sealed class SandboxApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataLocation _data;
    private readonly bool _keyIsGenerated;

    private SandboxApplication(WebApplication app, DataLocation data, string key, bool keyIsGenerated)
    {
        _app = app;
        _data = data;
        _keyIsGenerated = keyIsGenerated;
        Key = key;
        var origins = app.Services.GetRequiredService<Origins>();
        BaseUri = new Uri(origins.Api, Origins.ApiPath);
        StorageUri = origins.Storage;
    }

    /// <summary>Base address of the API, ending in <c>/api/v1</c>.</summary>
    public Uri BaseUri { get; }

    /// <summary>The other origin, on which artifacts are downloaded.</summary>
    public Uri StorageUri { get; }

    /// <summary>The API key that is accepted.</summary>
    public string Key { get; }

    /// <summary>Folder or file that keeps the state.</summary>
    public string Data => _data.Path;

    /// <summary>What a parent process needs to know, on one line. A key that the caller gave is not repeated.</summary>
    public string ReadyLine => JsonSerializer.Serialize(
        new ReadyMessage(BaseUri.OriginalString.TrimEnd('/'), StorageUri.OriginalString.TrimEnd('/'), Data, _keyIsGenerated ? Key : null),
        ReadyMessage.Json);

    /// <summary>Starts a sandbox; it answers once this returns.</summary>
    public static async Task<SandboxApplication> StartAsync(
        SandboxOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var key = options.Key ?? ApiKey.Generate();
        var data = new DataLocation(options.Data);
        Database? database = null;
        WebApplication? app = null;
        try
        {
            database = new Database(data.File);
            app = Build(options, key, database, timeProvider ?? TimeProvider.System);
            await app.StartAsync(cancellationToken);
            // In the order in which they were bound.
            app.Services.GetRequiredService<Origins>().Set(app.Urls.First(), app.Urls.Last());
            return new(app, data, key, options.Key is null);
        }
        catch
        {
            if (app is not null)
                await app.DisposeAsync();
            database?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Asks the sandbox to end, as SIGTERM does.</summary>
    public void RequestStop() => _app.Lifetime.StopApplication();

    /// <summary>Returns when the sandbox has ended.</summary>
    public Task WaitForStopAsync() => _app.WaitForShutdownAsync();

    /// <summary>Ends the sandbox; temporary data goes with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Dispose();
    }

    private static WebApplication Build(SandboxOptions options, string key, Database database, TimeProvider time)
    {
        // The empty builder: neither the working directory nor ASPNETCORE_* variables of the parent may change a sandbox.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.Listen(IPAddress.Loopback, options.StoragePort);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        // A start that fails is an exception, which whoever starts the sandbox reports.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        var services = builder.Services;
        // Standard output is for the ready line alone.
        services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.AddRouting();
        services.AddSingleton(options).AddSingleton(time).AddSingleton(Plan.Of(options.Plan)).AddSingleton(new ApiKey(key));
        services.AddSingleton(_ => database).AddSingleton(_ => database.ClaimSeed(options.Seed));
        services.AddSingleton<Origins>().AddSingleton<WakeSignal>();
        services.AddSingleton<SessionLifecycle>().AddSingleton<SessionEndpoints>();
        services.AddSingleton<ExperimentScript>().AddSingleton<ExperimentRun>().AddSingleton<ExperimentEndpoints>();
        services.AddSingleton<ArtifactContent>().AddSingleton<SignedUrl>().AddSingleton<Storage>().AddSingleton<ArtifactEndpoints>();
        services.AddSingleton<WebhookOutbox>().AddSingleton<WebhookSender>().AddSingleton<WebhookEndpoints>();
        services.AddHostedService<Ticker>();

        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        var services = app.Services;
        var origins = services.GetRequiredService<Origins>();
        var lifecycle = services.GetRequiredService<SessionLifecycle>();

        app.UseMiddleware<RequestId>();
        app.MapWhen(
            context => context.Connection.LocalPort == origins.Storage.Port,
            storage => storage.Run(services.GetRequiredService<Storage>().RespondAsync));

        app.UseMiddleware<ErrorResponses>();
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Origins.ApiPath) || context.Request.Path.StartsWithSegments(Origins.SandboxPath),
            guarded => guarded.UseMiddleware<BearerAuthentication>());
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Origins.ApiPath),
            limited => limited.UseMiddleware<RateLimit>());
        app.Use(next => context =>
        {
            lifecycle.Advance();
            return next(context);
        });

        var (api, sandbox) = (app.MapGroup(Origins.ApiPath), app.MapGroup(Origins.SandboxPath));
        services.GetRequiredService<ExperimentEndpoints>().MapApi(api);
        var sessions = services.GetRequiredService<SessionEndpoints>();
        sessions.MapApi(api);
        sessions.MapSandbox(sandbox);
        var artifacts = services.GetRequiredService<ArtifactEndpoints>();
        artifacts.MapApi(api);
        artifacts.MapSandbox(sandbox);
        var webhooks = services.GetRequiredService<WebhookEndpoints>();
        webhooks.MapApi(api);
        webhooks.MapSandbox(sandbox);
    }
}
