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
    public int? Seed { get; set; }

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
    [ValidateRange(0, 3600)]
    public double? ProvisioningSeconds { get; set; }

    /// <summary>How long each experiment runs.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public double? ExperimentSeconds { get; set; }

    /// <summary>The port of the artifact storage; any free one where none is given.</summary>
    [Parameter]
    [ValidateRange(0, 65_535)]
    public int StoragePort { get; set; }

    /// <summary>How long a session runs on without an experiment.</summary>
    [Parameter]
    [ValidateRange(0.001, 1_000_000)]
    public double? IdleMinutes { get; set; }

    /// <summary>How many requests a minute are allowed for each key.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? RateLimit { get; set; }

    /// <summary>The pause before a delivery is repeated; it doubles each time.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public double? WebhookBackoffSeconds { get; set; }

    /// <summary>The clock stands still until it is stepped.</summary>
    [Parameter]
    public SwitchParameter StandStill { get; set; }

    /// <summary>The time at which the clock starts; now where none is given.</summary>
    [Parameter]
    public DateTimeOffset? StartTime { get; set; }

    /// <summary>A JSON file with faults to begin with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FaultPath { get; set; }

    /// <summary>Refuses a request that leans on something undocumented.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

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
            var runspace = Runspace.DefaultRunspace;
            var started = (ProcessId: 0, ReadyLine: "");
            Run(async cancellationToken => started = await SandboxProcess.StartAsync(runspace, Arguments(dataPath, faultPath), key, cancellationToken).ConfigureAwait(false));
            var baseUri = ReadBaseUri(started.ReadyLine);
            if (Connect)
                CurrentConnection.Set(new MeshiaConnection(validKey, KeySource.Sandbox, new() { BaseUri = baseUri }));
            WriteObject(new MeshiaSandbox(started.ProcessId, baseUri, dataPath, SecretText.Protect(key)));
        }
        catch (SandboxException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "SandboxNotStarted", failure.Category, null));
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidApiKey", null));
        }
    }

    private List<string> Arguments(string? dataPath, string? faultPath)
    {
        var arguments = new List<string> { "--port", Port.ToString(CultureInfo.InvariantCulture) };
        Add("--data", dataPath);
        Add("--seed", Seed);
        Add("--plan", Plan);
        Add("--provisioning-seconds", ProvisioningSeconds);
        Add("--experiment-seconds", ExperimentSeconds);
        Add("--storage-port", StoragePort);
        Add("--idle-minutes", IdleMinutes);
        Add("--rate-limit", RateLimit);
        Add("--webhook-backoff-seconds", WebhookBackoffSeconds);
        Add("--clock", StandStill ? "still" : null);
        Add("--start-time", StartTime?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
        Add("--faults", faultPath);
        if (Strict)
            arguments.Add("--strict");
        return arguments;

        void Add(string option, object? value)
        {
            if (value is not null)
                arguments.AddRange([option, Convert.ToString(value, CultureInfo.InvariantCulture)!]);
        }
    }

    private static Uri ReadBaseUri(string readyLine)
    {
        try
        {
            if (MeshiaClient.ParseJson(readyLine) is IDictionary<string, object?> ready && ready.TryGetValue("base_uri", out var uri))
                return new Uri((string)uri!);
        }
        catch (FormatException)
        {
            // Said below: it is not the line that a sandbox prints.
        }

        throw new SandboxException(ErrorCategory.InvalidResult, "The sandbox said something else than where it is. Install the module again.");
    }

    private static string RandomKey()
    {
        var random = new byte[16];
        using var generator = RandomNumberGenerator.Create();
        generator.GetBytes(random);
        return "msh_sandbox_" + BitConverter.ToString(random).Replace("-", "").ToLowerInvariant();
    }
}
