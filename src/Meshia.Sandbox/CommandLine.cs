using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox;

/// <summary>The options of the executable.</summary>
internal sealed partial class CommandLine
{
    private const string KeyVariable = "MESHIA_SANDBOX_KEY";
    private const string Trial = "trial";
    private const string Pro = "pro";
    private const string ToolName = "meshia-sandbox";
    private const string Running = "running";
    private const string Still = "still";

    /// <summary>In seconds or minutes: more than any plan allows.</summary>
    private const double LongestDuration = 1_000_000;

    private static readonly SandboxOptions _defaults = new();

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder or database file for the state. By default the state is temporary.",
        HelpName = "path",
    };

    private readonly Option<int> _port = Number("--port", "Port of the API. 0 means any free port.", _defaults.Port, 0, 65535);

    private readonly Option<int> _storagePort = Number("--storage-port", "Port of the artifact storage. 0 means any free port.", _defaults.StoragePort, 0, 65535);

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"The API key to accept, beginning with {ApiKey.Prefix}. Use {KeyVariable} instead, which no process list shows. By default a random key is generated.",
        HelpName = "key",
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Makes ids, names, metrics and artifact bytes reproducible.",
        HelpName = "number",
        CustomParser = result => Parse(result, long.MinValue, long.MaxValue),
    };

    private readonly Option<string> _plan = new("--plan")
    {
        Description = "The plan whose limits apply.",
        DefaultValueFactory = _ => Pro,
        HelpName = $"{Trial}|{Pro}",
    };

    private readonly Option<double> _provisioning = Duration("--provisioning-seconds", "How long a new session is provisioning.", _defaults.Provisioning.TotalSeconds, 0);

    private readonly Option<double> _experiment = Duration("--experiment-seconds", "How long each experiment runs.", _defaults.ExperimentDuration.TotalSeconds, 0);

    private readonly Option<double> _idle = Duration("--idle-minutes", "How long a session runs without an experiment.", _defaults.Idle.TotalMinutes, 0.001);

    private readonly Option<int> _rateLimit = Number("--rate-limit", "Requests allowed per minute.", _defaults.RateLimit, 1, int.MaxValue);

    private readonly Option<double> _backoff = Duration("--webhook-backoff-seconds", "Wait before the first retry of a webhook delivery; doubled for each further one.", _defaults.WebhookBackoff.TotalSeconds, 0);

    private readonly Option<string?> _host = new("--host")
    {
        Description = "Also listens on this name or address. By default only this machine can reach the sandbox. Anyone who can reach it and has the key can use it.",
        HelpName = "name",
    };

    private readonly Option<string> _clock = new("--clock")
    {
        Description = "Whether the clock runs, or moves only when it is stepped.",
        DefaultValueFactory = _ => Running,
        HelpName = $"{Running}|{Still}",
    };

    private readonly Option<DateTimeOffset?> _startTime = new("--start-time")
    {
        Description = "The time at which the clock starts, like 2026-01-02T03:04:05Z. It is used only if there is no data yet.",
        HelpName = "time",
        CustomParser = ParseTime,
    };

    private readonly Option<string?> _faults = new("--faults")
    {
        Description = "A JSON file with faults to set at the start.",
        HelpName = "file",
    };

    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "Refuses a request that uses something that Meshia does not document.",
    };

    private readonly Option<bool> _exitWithStdin = new("--exit-with-stdin")
    {
        Description = "Ends the sandbox when its standard input closes, which always happens when the parent process ends.",
    };

    private readonly Option<bool> _detach = new(DetachedProcess.Option)
    {
        Description = "Starts the sandbox in the background, prints its line when it is ready, and returns. The sandbox continues when the terminal closes.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>What <c>--detach</c> starts.</summary>
    private readonly Option<bool> _detached = new(DetachedProcess.InternalOption)
    {
        Hidden = true,
        Arity = ArgumentArity.Zero,
    };

    private readonly Command _root;

    public CommandLine()
    {
        _key.Validators.Add(result => CheckKey(result.GetValueOrDefault<string?>(), result));
        AcceptOnly(_plan, Trial, Pro);
        AcceptOnly(_clock, Running, Still);
        foreach (var option in new[] { _data, _host, _faults })
            RefuseEmpty(option);
        _root = new Command(ToolName, "The Meshia API on this machine, for writing and testing runbooks without an account, a network or a GPU.")
        {
            _data, _port, _storagePort, _key, _seed, _plan, _provisioning, _experiment, _idle, _rateLimit, _backoff,
            _host, _clock, _startTime, _faults, _strict, _exitWithStdin, _detach, _detached, new HelpOption(), new VersionOption(),
        };
        _root.Validators.Add(result =>
        {
            if (result.GetValue(_detach) && result.GetValue(_exitWithStdin))
                result.AddError($"{DetachedProcess.Option} and --exit-with-stdin cannot be used together: a detached sandbox has no standard input.");
        });
        _root.Validators.Add(result => CheckKey(Environment.GetEnvironmentVariable(KeyVariable), result));
    }

    /// <summary>Parses; calls <paramref name="run"/> unless help was asked for or something is wrong.</summary>
    public async Task<int> InvokeAsync(string[] args, Func<SandboxOptions, ProcessLife, Task<int>> run)
    {
        _root.SetAction((result, _) => result.GetValue(_detach)
            ? DetachedProcess.StartAsync(args)
            : run(Options(result), result.GetValue(_detached) ? ProcessLife.Detached : result.GetValue(_exitWithStdin) ? ProcessLife.WithStandardInput : ProcessLife.OfItsOwn));
        var parsed = _root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            // Only the help writes here. A command's name cannot hold a space.
            using var output = new StringWriter();
            var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output });
            await Console.Out.WriteAsync(output.ToString().Replace($"{ToolName} [", $"{ProgramName} [", StringComparison.Ordinal));
            return code;
        }

        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync(KeyText.Replace(error.Message, $"{ApiKey.Prefix}…"));
        await Console.Error.WriteLineAsync("See --help.");
        return 2;
    }

    /// <summary>What one types to start it: the name of the tool, or the assembly where `dotnet` runs that.</summary>
    private static string ProgramName =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is { } program && !program.Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? program
            : $"dotnet {Path.GetFileName(typeof(CommandLine).Assembly.Location)}";

    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && time >= Time.SandboxClock.Earliest && time <= Time.SandboxClock.Latest)
            return time.ToUniversalTime();
        result.AddError("--start-time must be a time like 2026-01-02T03:04:05Z, from the year 2000 to 9000.");
        return null;
    }

    private static Option<int> Number(string name, string description, int initial, int min, int max) => new(name)
    {
        Description = Ranged(description, min, max),
        DefaultValueFactory = _ => initial,
        HelpName = "number",
        CustomParser = result => Parse(result, min, max),
    };

    private static Option<double> Duration(string name, string description, double initial, double min) => new(name)
    {
        Description = Ranged(description, min, LongestDuration),
        DefaultValueFactory = _ => initial,
        HelpName = "number",
        CustomParser = result => Parse(result, min, LongestDuration),
    };

    private static string Ranged<T>(string description, T min, T max) => string.Create(CultureInfo.InvariantCulture, $"{description} From {min} to {max}.");

    private static void AcceptOnly(Option<string> option, params string[] values) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !values.Contains(token.Value))
            result.AddError($"{option.Name} must be {string.Join(" or ", values)}.");
    });

    private static void RefuseEmpty(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value))
            result.AddError($"{option.Name} must not be empty. Leave it out, or give a {option.HelpName}.");
    });

    private static T Parse<T>(ArgumentResult result, T min, T max)
        where T : struct, INumber<T>
    {
        if (T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        var name = (result.Parent as OptionResult)?.Option.Name;
        var kind = T.IsInteger(T.CreateTruncating(0.5)) ? "a whole number" : "a number";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be {kind} from {min} to {max}."));
        return default;
    }

    private static void CheckKey(string? key, SymbolResult result)
    {
        // Never with the value: it may be a real key.
        if (key is not (null or "") && !ValidKey.IsMatch(key))
            result.AddError($"The key must begin with {ApiKey.Prefix} and continue with letters, digits, '_' or '-'.");
    }

    private SandboxOptions Options(ParseResult result) => new()
    {
        Data = result.GetValue(_data),
        Port = result.GetValue(_port),
        StoragePort = result.GetValue(_storagePort),
        Key = result.GetValue(_key) ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null),
        Seed = result.GetValue(_seed),
        Plan = result.GetValue(_plan) == Trial ? SandboxPlan.Trial : SandboxPlan.Pro,
        Provisioning = TimeSpan.FromSeconds(result.GetValue(_provisioning)),
        ExperimentDuration = TimeSpan.FromSeconds(result.GetValue(_experiment)),
        Idle = TimeSpan.FromMinutes(result.GetValue(_idle)),
        RateLimit = result.GetValue(_rateLimit),
        Host = result.GetValue(_host),
        StandStill = result.GetValue(_clock) == Still,
        StartTime = result.GetValue(_startTime),
        Faults = result.GetValue(_faults),
        Strict = result.GetValue(_strict),
        WebhookBackoff = TimeSpan.FromSeconds(result.GetValue(_backoff)),
    };

    [GeneratedRegex($@"\A{ApiKey.Prefix}[A-Za-z0-9_-]+\z")]
    private static partial Regex ValidKey { get; }

    [GeneratedRegex($@"{ApiKey.Prefix}[^\s']+")]
    private static partial Regex KeyText { get; }
}
