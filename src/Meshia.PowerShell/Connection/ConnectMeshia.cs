using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary><c>Connect-Meshia</c>: chooses the account and the service that the cmdlets of this session talk to.</summary>
[Cmdlet(VerbsCommunications.Connect, "Meshia", DefaultParameterSetName = ConnectSet, SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Connect-Meshia.md")]
[OutputType(typeof(MeshiaConnection))]
public sealed class ConnectMeshia : ChoosingCmdlet
{
    private const string ConnectSet = "Connect";
    private const string SaveSet = "Save";
    private const string SandboxSet = "Sandbox";

    /// <summary>The API key: a SecureString, or a plain string.</summary>
    [Parameter(Position = 0)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? ApiKey { get; set; }

    /// <summary>Where the service is: https, or http on loopback.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public Uri? BaseUri { get; set; }

    /// <summary>The profile to use, or to save.</summary>
    [Parameter(ParameterSetName = ConnectSet)]
    [Parameter(ParameterSetName = SaveSet)]
    [ValidateText(ConnectionProfile.NamePattern, Example = "work")]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>Keeps the key in a vault, and the rest in a profile.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SaveSet)]
    public SwitchParameter Save { get; set; }

    /// <summary>The vault that keeps the key; the default one where none is named.</summary>
    [Parameter(ParameterSetName = SaveSet)]
    [ArgumentCompleter(typeof(VaultCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>Replaces a key that is saved without testing the new one.</summary>
    [Parameter(ParameterSetName = SaveSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Connects to a sandbox on this machine: the one that this session started last, else the only detached one; where
    /// several run, -BaseUri says which.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = SandboxSet)]
    public SwitchParameter Sandbox { get; set; }

    /// <summary>How long a vault may take.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int VaultTimeoutSeconds { get; set; } = (int)SecretVault.DefaultTimeout.TotalSeconds;

    /// <summary>How long one call may take, with every retry and every wait.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 300;

    /// <summary>How long one attempt of a call may take.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int RequestTimeoutSeconds { get; set; } = 100;

    /// <summary>How often a failed attempt is repeated.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = 5;

    /// <summary>How many sessions of the account may be live at a time; 0 for any number.</summary>
    [Parameter]
    [ValidateRange(0, 10_000)]
    public int MaxRunning { get; set; }

    /// <summary>The GPUs that New-MeshiaSession may use; an empty list for any.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNull]
    public string[] AllowedGpu { get; set; } = [];

    /// <summary>Requires -MaxDuration of New-MeshiaSession and Use-MeshiaSession.</summary>
    [Parameter]
    public SwitchParameter RequireMaxDuration { get; set; }

    /// <summary>The price of an hour of each GPU, as in @{ rtx4090 = 0.69 }; an empty table for none.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Price { get; set; }

    /// <summary>How long a new session of -Once is watched before it is handed out.</summary>
    [Parameter]
    [ValidateRange(0.0, 600.0)]
    public double SettleSeconds { get; set; }

    /// <summary>The client certificate with its private key, for a service that asks for one.</summary>
    [Parameter(ParameterSetName = ConnectSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The file of the client certificate: PFX or, in PowerShell 7, PEM with the private key.</summary>
    [Parameter(ParameterSetName = ConnectSet)]
    [Parameter(ParameterSetName = SaveSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The password of the file: a SecureString, or a plain string. It is not saved.</summary>
    [Parameter(ParameterSetName = ConnectSet)]
    [Parameter(ParameterSetName = SaveSet)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Writes the connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private SecretVault SecretVault => new(this, TimeSpan.FromSeconds(VaultTimeoutSeconds));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            var sandbox = Sandbox ? FindSandbox() : null;
            var (key, source, known) = sandbox is null ? FindKey() : (KeyOf(sandbox), KeySource.Sandbox, null);
            var address = sandbox?.BaseUri ?? BaseUri ?? known?.BaseUri ?? CurrentConnection.DefaultAddress();
            var options = new MeshiaClientOptions
            {
                BaseUri = address,
                ClientCertificate = ReadCertificate() ?? ClientCertificateChoice.Find(address, known),
                TotalTimeout = TimeSpan.FromSeconds(TimeoutSeconds),
                RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSeconds),
                MaxRetries = MaximumRetryCount,
                Policy = ReadPolicy(known),
                SettleTime = IsGiven(nameof(SettleSeconds)) ? TimeSpan.FromSeconds(SettleSeconds) : known?.SettleTime,
            };
            // Refuses a bad address before anything is saved.
            var connection = new MeshiaConnection(key, source, options, known, isKept: source is KeySource.Profile or KeySource.DefaultProfile);
            if (Save)
            {
                if (SaveProfile(known, connection, key) is not { } saved)
                {
                    WithdrawChoice();
                    return;
                }

                connection = new MeshiaConnection(key, source, options, saved);
            }
            else if (!ShouldProcess($"{connection.BaseUri.AbsoluteUri}", $"Connect"))
            {
                WithdrawChoice();
                return;
            }

            CurrentConnection.Set(connection);
            // In the background: the first Tab of a person has something to suggest.
            if (Prompting.IsSomebodyAt(Host))
                _ = connection.Recent.GetSessionsAsync();
            WriteVerbose($"Connected to {connection.BaseUri} with the key {connection.Key} {connection.DescribeKey()}.");
            if (PassThru)
                WriteObject(connection);
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord("InvalidConnection", Profile));
        }
        catch (Exception failure) when (CurrentConnection.IsExpected(failure))
        {
            ThrowTerminatingError(CurrentConnection.ToErrorRecord(failure, Profile));
        }
    }

    /// <summary>
    /// Looks for the key in the documented order: parameter, named profile, environment, default profile, a person. The
    /// file of profiles is read only if a profile is needed: a damaged one does not matter with a key from elsewhere.
    /// </summary>
    private (ApiKey Key, KeySource Source, ConnectionProfile? Profile) FindKey()
    {
        var named = Save ? ConnectionProfileFile.Find(Profile ?? ConnectionProfile.DefaultName)
            : Profile is not null ? CurrentConnection.Require(Profile)
            : null;
        if (ApiKey is not null)
            return (Checked(ApiKey), KeySource.Parameter, named);
        if (named is not null && !Save)
            return (CurrentConnection.ReadKey(named, SecretVault), KeySource.Profile, named);
        if (Environment.GetEnvironmentVariable(CurrentConnection.KeyVariable) is { Length: > 0 } variable)
            return (Checked(SecretText.Protect(variable)), KeySource.Environment, named);
        if (!Save && ConnectionProfileFile.Find(ConnectionProfile.DefaultName) is { } byDefault)
            return (CurrentConnection.ReadKey(byDefault, SecretVault), KeySource.DefaultProfile, byDefault);
        if (Prompting.Ask(Host, "Meshia API key") is { } typed)
            return (Checked(typed), KeySource.Prompt, named);

        var failure = new InvalidOperationException($"There is no API key, and this session cannot ask for one. {CurrentConnection.HowToGiveKey}");
        ThrowTerminatingError(StreamRecord.Error(failure, "NoApiKey", ErrorCategory.InvalidArgument, null));
        throw failure;
    }

    private RunningSandbox FindSandbox()
    {
        try
        {
            return KnownSandboxes.Choose(BaseUri);
        }
        catch (InvalidOperationException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "NoSandbox", ErrorCategory.ObjectNotFound, null));
            throw;
        }
    }

    private ApiKey KeyOf(RunningSandbox sandbox)
    {
        if ((ApiKey is null ? sandbox.Key : Checked(ApiKey)) is { } key)
            return key;
        var failure = new InvalidOperationException($"The sandbox at {sandbox.BaseUri} was started with -ApiKey. Give the same key here with -ApiKey.");
        ThrowTerminatingError(StreamRecord.Error(failure, "NoApiKey", ErrorCategory.InvalidArgument, null));
        throw failure;
    }

    /// <summary>What sessions may be: as the parameters say, else as the profile says.</summary>
    /// <exception cref="ArgumentException">A parameter is not valid.</exception>
    private SessionPolicy ReadPolicy(ConnectionProfile? known)
    {
        if (AllowedGpu.FirstOrDefault(gpu => !Regex.IsMatch(gpu ?? "", MeshiaClient.GpuPattern)) is { } wrong)
            throw new ArgumentException($"-AllowedGpu has '{wrong}', which is not a GPU. Example: rtx4090");
        return new()
        {
            MaxRunning = IsGiven(nameof(MaxRunning)) ? MaxRunning == 0 ? null : MaxRunning : known?.MaxRunning,
            AllowedGpus = IsGiven(nameof(AllowedGpu)) ? AllowedGpu : known?.AllowedGpu ?? [],
            RequireMaxDuration = IsGiven(nameof(RequireMaxDuration)) ? RequireMaxDuration : known?.RequireMaxDuration ?? false,
            Prices = IsGiven(nameof(Price)) ? ReadPrices() : known?.Price ?? new Dictionary<string, decimal>(),
        };
    }

    /// <summary>The client certificate that the parameters name, or null.</summary>
    /// <exception cref="ArgumentException">It cannot be used, or the parameters do not fit together.</exception>
    private X509Certificate2? ReadCertificate()
    {
        if (Certificate is not null && CertificatePath is not null)
            throw new ArgumentException($"-Certificate and -CertificatePath each name a client certificate. Use only one of them.");
        if (CertificatePassword is not null && CertificatePath is null)
            throw new ArgumentException($"-CertificatePassword is the password of the file of -CertificatePath, which is missing.");
        if (Certificate is not null)
            ClientCertificateFile.Check(Certificate, "-Certificate", DateTimeOffset.UtcNow);
        if (CertificatePath is null)
            return Certificate;
        CertificatePath = FileSystemPath.Resolve(this, CertificatePath);
        return ClientCertificateFile.Read(CertificatePath, CertificatePassword is null ? ClientCertificateChoice.PasswordFromEnvironment : SecretText.Reveal(CertificatePassword), "-CertificatePath");
    }

    private Dictionary<string, decimal> ReadPrices()
    {
        var prices = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var entry in PlainValues.Entries(Price!))
        {
            var gpu = entry.Key.ToString() ?? "";
            if (!Regex.IsMatch(gpu, MeshiaClient.GpuPattern))
                throw new ArgumentException($"-Price has '{gpu}', which is not a GPU. Example: @{{ rtx4090 = 0.69 }}");
            var value = entry.Value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : entry.Value;
            if (value is null or bool || !LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out decimal price))
                throw new ArgumentException($"-Price of {gpu} is '{value}'. Valid values: numbers from 0, for one hour. Example: @{{ rtx4090 = 0.69 }}");
            prices[gpu] = price;
        }

        return prices;
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private static ApiKey Checked(SecureString text) => new(SecretText.Reveal(text));

    /// <summary>Saves the key first: a profile without its key would be worse than a key without its profile.</summary>
    private ConnectionProfile? SaveProfile(ConnectionProfile? known, MeshiaConnection connection, ApiKey key)
    {
        var name = Profile ?? ConnectionProfile.DefaultName;
        var vault = Vault ?? known?.Vault ?? SecretVault.DefaultVault();
        var profile = new ConnectionProfile
        {
            Name = name,
            BaseUri = connection.BaseUri,
            Vault = vault,
            SecretName = known?.SecretName ?? SecretVault.NameFor(name),
            MaxRunning = connection.MaxRunning,
            AllowedGpu = connection.AllowedGpu,
            RequireMaxDuration = connection.RequireMaxDuration,
            Price = connection.Price,
            SettleSeconds = connection.SettleSeconds,
            CertificatePath = CertificatePath ?? known?.CertificatePath,
        };
        if (!ShouldProcess($"profile '{name}', key in vault '{vault}'", $"Save"))
            return null;
        if (known is not null && !Force)
            TestKey(name, connection);
        // The file has been read by now: a damaged one is found before the vault is changed.
        SecretVault.Set(vault, profile.SecretName, key.ToSecureString());
        ConnectionProfileFile.Save(profile);
        if (CertificatePassword is not null)
            WriteWarning($"Profile '{name}' has no password for '{CertificatePath}'. Where the profile is used, the environment variable {ClientCertificateFile.PasswordVariable} must have it.");
        if (known is not null && !string.Equals(known.Vault, vault, StringComparison.OrdinalIgnoreCase))
            WriteWarning($"The previous key of profile '{name}' stays in vault '{known.Vault}'. To remove it there: Remove-Secret -Name {known.SecretName:command} -Vault {known.Vault:command}");
        return profile;
    }

    /// <summary>Asks the service whether it takes the new key, before the one that is saved is gone.</summary>
    private void TestKey(string name, MeshiaConnection connection)
    {
        try
        {
            Run(cancellationToken => connection.Client.TestKeyAsync(new() { Observer = Relay }, cancellationToken));
        }
        catch (MeshiaException failure)
        {
            var isRefused = failure.Refusal == MeshiaRefusal.InvalidKey;
            ThrowTerminatingError(MeshiaCmdlet.Record(failure, name, isRefused
                ? (DisplayText)$"The service refuses the key {connection.Key}, so it was not saved. Profile '{name}' keeps its previous key. {failure.Message:long}"
                : (DisplayText)$"The key {connection.Key} could not be tested, so it was not saved. Profile '{name}' keeps its previous key. Use -Force to save the key without a test. {failure.Message:long}"));
        }
    }
}
