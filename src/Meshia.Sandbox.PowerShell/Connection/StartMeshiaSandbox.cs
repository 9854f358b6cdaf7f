using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Security.Cryptography;

namespace Meshia.PowerShell;

/// <summary><c>Start-MeshiaSandbox</c>: starts a local service with the real one's contract: no account, no network, no bill.</summary>
[Cmdlet(VerbsLifecycle.Start, "MeshiaSandbox", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Start-MeshiaSandbox.md")]
[OutputType(typeof(MeshiaSandbox))]
public sealed class StartMeshiaSandbox : ChoosingCmdlet
{
    /// <summary>In seconds or minutes; a test compares the ranges with those of the executable.</summary>
    private const double LongestDuration = 1_000_000;

    /// <summary>Connects this session to the sandbox.</summary>
    [Parameter]
    public SwitchParameter Connect { get; set; }

    /// <summary>A folder to keep its state in; without it the state goes with the sandbox.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DataPath { get; set; }

    /// <summary>The port; any free one where none is given.</summary>
    [Parameter]
    [ValidateRange(0, 65_535)]
    public int Port { get; set; }

    /// <summary>Makes ids, metrics and files the same at every start.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <summary>The key that it takes; a random one where none is given.</summary>
    [Parameter]
    [SecretText]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>The plan whose limits it keeps.</summary>
    [Parameter]
    [ValidateSet("trial", "pro")]
    public string? Plan { get; set; }

    /// <summary>How long a new session takes until it runs.</summary>
    [Parameter]
    [ValidateRange(0.0, LongestDuration)]
    public double? ProvisioningSeconds { get; set; }

    /// <summary>How long each experiment runs.</summary>
    [Parameter]
    [ValidateRange(0.0, LongestDuration)]
    public double? ExperimentSeconds { get; set; }

    /// <summary>The port of the artifact storage; any free one where none is given.</summary>
    [Parameter]
    [ValidateRange(0, 65_535)]
    public int StoragePort { get; set; }

    /// <summary>How long a session runs without an experiment.</summary>
    [Parameter]
    [ValidateRange(0.001, LongestDuration)]
    public double? IdleMinutes { get; set; }

    /// <summary>How many requests a minute are allowed for each key.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? RateLimit { get; set; }

    /// <summary>The pause before a delivery is repeated; it doubles each time.</summary>
    [Parameter]
    [ValidateRange(0.0, LongestDuration)]
    public double? WebhookBackoffSeconds { get; set; }

    /// <summary>The clock stands still until it is stepped.</summary>
    [Parameter]
    public SwitchParameter StandStill { get; set; }

    /// <summary>The time at which the clock starts; now where none is given.</summary>
    [Parameter]
    public DateTimeOffset? StartTime { get; set; }

    /// <summary>A JSON file with faults to set at the start.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FaultPath { get; set; }

    /// <summary>Refuses a request that leans on something undocumented.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>An address or a name to listen on besides this machine's own; without it only this machine reaches the sandbox.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ListenAddress { get; set; }

    /// <summary>Lets the sandbox go on when this session ends; Connect-Meshia -Sandbox in another process finds it.</summary>
    [Parameter]
    public SwitchParameter Detach { get; set; }

    private protected override bool Chooses => Connect;

    private protected override string ChoosingSwitch => nameof(Connect);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess($"local sandbox", $"Start"))
        {
            WithdrawChoice();
            return;
        }

        var key = ApiKey is null ? RandomKey() : SecretText.Reveal(ApiKey);
        var dataPath = DataPath is null ? null : FileSystemPath.Resolve(this, DataPath);
        var faultPath = FaultPath is null ? null : FileSystemPath.Resolve(this, FaultPath);
        try
        {
            var validKey = new ApiKey(key);
            var (runspace, arguments, line) = (Runspace.DefaultRunspace, Arguments(dataPath, faultPath), "");
            Run(async cancellationToken => line = Detach
                ? await SandboxProcess.StartDetachedAsync(arguments, key, cancellationToken).ConfigureAwait(false)
                : await SandboxProcess.StartAsync(runspace, arguments, key, cancellationToken).ConfigureAwait(false));
            var sandbox = Read(line, dataPath, validKey);
            if (Detach)
                DetachedSandboxFile.Save(sandbox, keyIsMade: ApiKey is null);
            KnownSandboxes.Add(runspace, sandbox);
            if (Connect)
                CurrentConnection.Set(new MeshiaConnection(validKey, KeySource.Sandbox, new() { BaseUri = sandbox.BaseUri }));
            WriteObject(new MeshiaSandbox(sandbox));
        }
        catch (IOException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "SandboxNotSaved", ErrorCategory.WriteError, null, advice: $"Other processes cannot find the sandbox. Start it with -ApiKey, and connect with this key and its address."));
        }
        catch (SandboxException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "SandboxNotStarted", failure.Category, null, $"{WithParameterNames(failure.Message):long}"));
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidApiKey", null));
        }
    }

    private List<string> Arguments(string? dataPath, string? faultPath)
    {
        var arguments = new List<string>();
        foreach (var (option, _, value) in Options(dataPath, faultPath))
        {
            if (value is not null)
                arguments.AddRange([option, Convert.ToString(value, CultureInfo.InvariantCulture)!]);
        }

        if (Strict)
            arguments.Add("--strict");
        return arguments;
    }

    /// <summary>The options of the executable, the parameters that they are here, and their values.</summary>
    private (string Option, string Parameter, object? Value)[] Options(string? dataPath, string? faultPath) =>
    [
        ("--port", nameof(Port), Port),
        ("--data", nameof(DataPath), dataPath),
        ("--seed", nameof(Seed), Seed),
        ("--plan", nameof(Plan), Plan),
        ("--provisioning-seconds", nameof(ProvisioningSeconds), ProvisioningSeconds),
        ("--experiment-seconds", nameof(ExperimentSeconds), ExperimentSeconds),
        ("--storage-port", nameof(StoragePort), StoragePort),
        ("--idle-minutes", nameof(IdleMinutes), IdleMinutes),
        ("--rate-limit", nameof(RateLimit), RateLimit),
        ("--webhook-backoff-seconds", nameof(WebhookBackoffSeconds), WebhookBackoffSeconds),
        ("--clock", nameof(StandStill), StandStill ? "still" : null),
        ("--start-time", nameof(StartTime), StartTime?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)),
        ("--faults", nameof(FaultPath), faultPath),
        ("--host", nameof(ListenAddress), ListenAddress),
    ];

    /// <summary>What the executable says of an option, said of the parameter.</summary>
    private string WithParameterNames(string message)
    {
        foreach (var (option, parameter, _) in Options(null, null).OrderByDescending(known => known.Option.Length))
            message = message.Replace(option, $"-{parameter}");
        return message.Replace("See --help.", "").TrimEnd();
    }

    /// <summary>What the line says that a sandbox prints when it is ready.</summary>
    private RunningSandbox Read(string readyLine, string? dataPath, ApiKey key)
    {
        try
        {
            if (MeshiaClient.ParseJson(readyLine) is Dictionary<string, object?> ready
                && new JsonFields(ready) is var fields && fields.Text("base_uri") is { } uri && fields.Integer("process_id") is { } processId)
            {
                using var process = System.Diagnostics.Process.GetProcessById((int)processId);
                return new()
                {
                    ProcessId = (int)processId,
                    BaseUri = new Uri(uri),
                    DataPath = dataPath,
                    StartedAt = process.StartTime.ToUniversalTime(),
                    IsDetached = Detach,
                    Key = key,
                };
            }
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or InvalidOperationException)
        {
            // Said below: it is not the line that a sandbox prints, or the sandbox has ended already.
        }

        throw new SandboxException(ErrorCategory.InvalidResult, "The sandbox did not report its address, or ended at once. Install the module again.");
    }

    private static string RandomKey()
    {
        var random = new byte[16];
        using var generator = RandomNumberGenerator.Create();
        generator.GetBytes(random);
        return "msh_sandbox_" + BitConverter.ToString(random).Replace("-", "").ToLowerInvariant();
    }
}
