using System.Management.Automation;
using System.Net;
using System.Security;

namespace Meshia.PowerShell.Tests;

/// <summary>Tests that change this process's environment take turns, and run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedEnvironment
{
    public const string Name = "Environment";
}

/// <summary>A machine without an account: no variables, an empty folder for the profiles, and stand-ins for vaults.</summary>
internal sealed class Account : IDisposable
{
    private static readonly string[] _variables = ["MESHIA_API_KEY", "MESHIA_BASE_URI", "MESHIA_CONFIG_PATH"];

    private readonly Dictionary<string, string?> _before = _variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-account-");

    public Account()
    {
        Key = null;
        Address = null;
        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", Folder);
        Session = Open();
    }

    /// <summary>Where the stand-ins are.</summary>
    public static string StandIn { get; } = Path.Combine(Repository.Root, "tests", "Meshia.PowerShell.Tests", "Connection", "SecretManagementStandIn.ps1");

    public string Folder => _folder.FullName;

    public string ProfileFile => Path.Combine(Folder, "profiles.json");

    /// <summary>A session whose vault is called <c>Store</c>.</summary>
    public ModuleSession Session { get; }

    public static string? Key
    {
        get => Environment.GetEnvironmentVariable("MESHIA_API_KEY");
        set => Environment.SetEnvironmentVariable("MESHIA_API_KEY", value);
    }

    public static string? Address
    {
        get => Environment.GetEnvironmentVariable("MESHIA_BASE_URI");
        set => Environment.SetEnvironmentVariable("MESHIA_BASE_URI", value);
    }

    /// <summary>Another session on this machine. Its vaults are its own.</summary>
    public static ModuleSession Open()
    {
        var session = new ModuleSession();
        session.Output($". '{StandIn}'; Register-SecretVault -Name Store -ModuleName InMemory");
        return session;
    }

    /// <summary>Saves a profile and disconnects.</summary>
    public void Save(string profile, string key, Uri? baseUri = null) => Session.Output(
        "Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile $name; Disconnect-Meshia",
        ("key", key), ("uri", baseUri ?? new Uri("http://127.0.0.1:9/api/v1")), ("name", profile));

    /// <summary>Runs a command that must end with a terminating error.</summary>
    public ErrorRecord Failure(string command, params (string Name, object? Value)[] variables)
    {
        var result = Session.Invoke($"try {{ {command} }} catch {{ throw }}", variables);
        Assert.NotNull(result.Terminating);
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        return result.Error;
    }

    /// <summary>Takes SecretManagement's stand-ins away.</summary>
    public void RemoveSecretManagement() => Session.Output("""
        foreach ($name in 'Get-Secret', 'Set-Secret', 'Get-SecretInfo', 'Remove-Secret', 'Get-SecretVault') { $ExecutionContext.InvokeProvider.Item.Remove("function:\$name", $false) }
        """);

    public static SecureString Secure(string text) => new NetworkCredential("", text).SecurePassword;

    /// <summary>What may be shown of a key.</summary>
    public static string Shown(string key) => $"msh_…{key[^4..]}";

    public void Dispose()
    {
        Session.Dispose();
        foreach (var (name, value) in _before)
            Environment.SetEnvironmentVariable(name, value);
        _folder.Delete(recursive: true);
    }
}
