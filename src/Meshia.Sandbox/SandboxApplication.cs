using System.Globalization;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Description;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Journal;
using Meshia.Sandbox.Page;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.State;
using Meshia.Sandbox.Time;
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
    public string ReadyLine =>
        new ReadyMessage(BaseUri.OriginalString.TrimEnd('/'), StorageUri.OriginalString.TrimEnd('/'), Data, Environment.ProcessId, _keyIsGenerated ? Key : null).ToString();

    /// <summary>The same for people.</summary>
    public string ReadyText => $"The sandbox is ready at {BaseUri.OriginalString}. Its state is in {Data}. Stop it with Ctrl+C.";

    /// <summary>The same where it goes on in the background.</summary>
    public string DetachedText => $"The sandbox is ready at {BaseUri.OriginalString}. Its state is in {Data}. It continues in the background as process {Environment.ProcessId}; end that process to stop it.";

    /// <summary>Starts a sandbox; it answers once this returns.</summary>
    public static async Task<SandboxApplication> StartAsync(
        SandboxOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var key = options.Key ?? ApiKey.Generate();
        var data = new DataLocation(options.Data);
        Database? database = null;
        Origins? origins = null;
        WebApplication? app = null;
        try
        {
            database = new Database(data.File, isTemporary: options.Data is null);
            origins = new Origins(options);
            app = Build(options, key, database, origins, timeProvider ?? TimeProvider.System);
            app.Services.GetRequiredService<FaultsAtStart>().Set(app.Services.GetRequiredService<FaultBook>());
            await app.StartAsync(cancellationToken);
            data.SetOwner(origins.Api);
            data.StartSweep();
            return new(app, data, key, options.Key is null);
        }
        catch
        {
            if (app is not null)
                await app.DisposeAsync();
            origins?.Dispose();
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

    private static WebApplication Build(SandboxOptions options, string key, Database database, Origins origins, TimeProvider time)
    {
        // The empty builder: neither the working directory nor ASPNETCORE_* variables of the parent may change a sandbox.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            foreach (var endPoint in origins.EndPoints)
                kestrel.Listen(endPoint);
        });
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = origins.Take);
        // Standard output is for the ready line alone.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new StandardErrorLog());
        // A start that fails is an exception, which the caller reports.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.AddRouting();
        services.AddSingleton(options).AddSingleton(time).AddSingleton(origins);
        services.AddSingleton(_ => database).AddSingleton(_ => database.ClaimSeed(options.Seed));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ApiKeys>(provider, key, Plan.Of(options.Plan)));
        services.AddSingleton(new FaultsAtStart(options.Faults));
        services.AddSingleton<WakeSignal>().AddSingleton<SandboxClock>().AddSingleton<Stepping>().AddSingleton<ClockEndpoints>();
        services.AddSingleton<RequestNumbers>().AddSingleton<RequestJournal>().AddSingleton<JournalEndpoints>().AddSingleton<KeyEndpoints>();
        services.AddSingleton<FaultBook>().AddSingleton<LateRequests>().AddSingleton<FaultEndpoints>();
        services.AddSingleton<SandboxState>().AddSingleton<StateEndpoints>();
        services.AddSingleton<SessionLifecycle>().AddSingleton<SessionCache>().AddSingleton<SessionEndpoints>();
        services.AddSingleton<ExperimentScript>().AddSingleton<ExperimentRun>().AddSingleton<ExperimentAddition>().AddSingleton<ExperimentEndpoints>();
        services.AddSingleton<ArtifactContent>().AddSingleton<SignedUrl>().AddSingleton<Storage>().AddSingleton<ArtifactEndpoints>();
        services.AddSingleton<WebhookOutbox>().AddSingleton<WebhookSender>().AddSingleton<WebhookEndpoints>().AddSingleton<EventEndpoints>();
        services.AddSingleton<ApiDescription>().AddSingleton<PageEndpoints>();
        services.AddHostedService<Ticker>();

        var app = builder.Build();
        Pipeline(app, origins);
        Map(app);
        return app;
    }

    /// <summary>What each request passes on its way to an endpoint.</summary>
    private static void Pipeline(WebApplication app, Origins origins)
    {
        var services = app.Services;
        var lifecycle = services.GetRequiredService<SessionLifecycle>();
        var faults = services.GetRequiredService<FaultBook>();

        app.UseMiddleware<RequestId>();
        app.UseMiddleware<JournalMiddleware>();
        app.UseMiddleware<ErrorResponses>();
        app.UseMiddleware<HostCheck>();
        app.MapWhen(origins.IsStorage, storage => storage.Run(services.GetRequiredService<Storage>().RespondAsync));

        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Origins.ApiPath) || context.Request.Path.StartsWithSegments(Origins.SandboxPath),
            guarded => guarded.UseMiddleware<BearerAuthentication>());
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Origins.ApiPath),
            api =>
            {
                api.Use(next => context =>
                {
                    // A client that waits for lists to settle can know that these need no waiting.
                    context.Response.Headers["X-Meshia-Sandbox-List-Lag"] = faults.ListLag is > 0 and var lag ? lag.ToString(CultureInfo.InvariantCulture) : "0";
                    return next(context);
                });
                api.UseMiddleware<RateLimit>();
                api.UseMiddleware<FaultMiddleware>();
                // Once more, nearer to the work: faults also change errors. By hand, because .NET compiles a constructor that it calls a second time.
                api.Use(next => new ErrorResponses(next, services.GetRequiredService<ILogger<ErrorResponses>>()).InvokeAsync);
                if (services.GetRequiredService<SandboxOptions>().Strict)
                    api.UseMiddleware<StrictCheck>();
            });
        app.Use(next => context =>
        {
            // A creation sees what it needs by itself, and must not wait for the work of many others.
            if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Path != $"{Origins.ApiPath}/sessions")
                lifecycle.Advance();
            return next(context);
        });
    }

    private static void Map(WebApplication app)
    {
        var services = app.Services;
        var (api, sandbox) = (app.MapGroup(Origins.ApiPath), app.MapGroup(Origins.SandboxPath));
        services.GetRequiredService<SessionEndpoints>().MapApi(api);
        services.GetRequiredService<ExperimentEndpoints>().MapApi(api);
        services.GetRequiredService<ArtifactEndpoints>().MapApi(api);
        services.GetRequiredService<WebhookEndpoints>().MapApi(api);

        services.GetRequiredService<SessionEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<ExperimentEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<ArtifactEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<WebhookEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<EventEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<FaultEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<JournalEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<ClockEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<KeyEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<StateEndpoints>().MapSandbox(sandbox);
        services.GetRequiredService<ApiDescription>().Map(app);
        PageEndpoints.Map(app);
        services.GetRequiredService<PageEndpoints>().MapSandbox(sandbox);
        sandbox.MapPost("/stop", () =>
        {
            app.Lifetime.StopApplication();
            return Results.Json(new { status = "stopping" }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
        });
        app.MapGet("/health", () => Results.Json(new { status = "ok" }, Wire.Json));
    }
}
