using System.Globalization;

namespace Meshia.PowerShell.Tests;

/// <summary>Where a key comes from, as the table in docs/connections.md has it: a test for each row, and for each pair.</summary>
[Collection(SharedEnvironment.Name)]
public sealed class KeySourceTests : IDisposable
{
    /// <summary>The sources that can be there together, first the one that is asked first.</summary>
    private static readonly string[] _order = ["Parameter", "Profile", "Environment", "DefaultProfile"];

    private readonly Account _account = new();

    /// <summary>Every choice of one, two, three or four sources, and which of them wins.</summary>
    public static TheoryData<string, string> Choices
    {
        get
        {
            var data = new TheoryData<string, string>();
            for (var choice = 1; choice < 1 << _order.Length; choice++)
            {
                var present = _order.Where((_, index) => (choice & (1 << index)) != 0).ToList();
                data.Add(string.Join(' ', present), present[0]);
            }

            return data;
        }
    }

    /// <summary>The same for a cmdlet without <c>Connect-Meshia</c> before it, which knows no <c>-ApiKey</c>.</summary>
    public static TheoryData<string, string> ChoicesOfCall => [.. Choices.Where(row => row.Data.Item2 != "Parameter")];

    public void Dispose() => _account.Dispose();

    [Theory]
    [MemberData(nameof(Choices))]
    public void Connecting_takes_the_first_source_that_is_there(string present, string expected)
    {
        var (keys, arguments) = Prepare(present);

        var connection = Assert.Single(_account.Session.Output($"Connect-Meshia {arguments} -PassThru", ("key", keys["Parameter"])));

        Assert.Equal(expected, connection.Properties["KeySource"].Value.ToString());
        Assert.Equal(Account.Shown(keys[expected]), connection.Properties["Key"].Value);
        Assert.Equal(expected, _account.Session.Output("(Get-MeshiaConnection).KeySource")[0].ToString());
    }

    [Theory]
    [MemberData(nameof(ChoicesOfCall))]
    public async Task A_cmdlet_takes_the_first_source_that_is_there(string present, string expected)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        var (keys, arguments) = Prepare(present, service.BaseUri);

        _account.Session.Output($"Get-MeshiaSession {arguments}");

        Assert.Equal($"Bearer {keys[expected]}", Assert.Single(service.Requests).Headers["Authorization"]);
        Assert.Equal(expected, _account.Session.Output($"(Get-MeshiaConnection {arguments}).KeySource")[0].ToString());
    }

    [Fact]
    public void Connect_Meshia_comes_before_the_environment_and_the_default_profile()
    {
        var (keys, _) = Prepare("Environment DefaultProfile");

        var shown = _account.Session.Output("Connect-Meshia -ApiKey $key; (Get-MeshiaConnection).Key; Disconnect-Meshia; (Get-MeshiaConnection).Key", ("key", keys["Parameter"]));

        Assert.Equal([Account.Shown(keys["Parameter"]), Account.Shown(keys["Environment"])], shown.Select(item => item.ToString()));
    }

    [Fact]
    public async Task The_sandbox_is_a_source_of_its_own()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        Prepare("Environment DefaultProfile");

        var shown = _account.Session.Output("$sandbox = Start-MeshiaSandbox -Connect; try { (Get-MeshiaConnection).KeySource } finally { $sandbox | Stop-MeshiaSandbox }");

        Assert.Equal("Sandbox", Assert.Single(shown, item => item.BaseObject is Enum).ToString());
    }

    [Fact]
    public void Without_any_source_the_error_names_all_of_them()
    {
        var calling = _account.Session.Invoke("Get-MeshiaSession");
        var connecting = _account.Session.Invoke("Connect-Meshia");

        Assert.Equal("NoApiKey,Meshia.PowerShell.ConnectMeshia", connecting.Error.FullyQualifiedErrorId);
        Assert.Equal("NotConnected,Meshia.PowerShell.GetMeshiaSession", calling.Error.FullyQualifiedErrorId);
        foreach (var message in new[] { connecting.Error.ToString(), calling.Error.ToString() })
        {
            foreach (var way in new[] { "Connect-Meshia -ApiKey", "MESHIA_API_KEY", "-Save", "Start-MeshiaSandbox -Connect" })
                Assert.Contains(way, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_table_in_the_documentation_is_the_enumeration_in_its_order()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "connections.md"));
        var head = Array.FindIndex(page, line => line.StartsWith("| order | `KeySource` |", StringComparison.Ordinal));
        Assert.True(head >= 0, "docs/connections.md has no table of key sources.");
        var documented = page[(head + 2)..].TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|')[2].Trim().Trim('`')).ToList();

        var declared = _account.Session.Output("[Enum]::GetNames([Meshia.KeySource])").Select(name => name.ToString()).ToList();

        Assert.Equal(declared, documented);
        Assert.Equal(_order, documented.Take(_order.Length));
    }

    [Theory]
    [InlineData("no key at all", "MESHIA_API_KEY")]
    [InlineData("msh_with space", "MESHIA_API_KEY")]
    public void A_variable_that_holds_no_key_is_an_error_that_names_it_and_not_its_value(string value, string variable)
    {
        Account.Key = value;

        var result = _account.Session.Invoke("Get-MeshiaSession");

        Assert.Equal("InvalidEnvironment,Meshia.PowerShell.GetMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.Contains(variable, result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(value, result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_comes_from_the_parameter_then_the_profile_then_the_environment()
    {
        _account.Save("work", ModuleSession.NewKey(), new Uri("https://profile.example/api/v1"));
        Account.Address = "https://environment.example/api/v1";

        var hosts = _account.Session.Output("""
            (Connect-Meshia -Profile work -BaseUri https://parameter.example/api/v1 -PassThru).BaseUri.Host
            (Connect-Meshia -Profile work -PassThru).BaseUri.Host
            (Connect-Meshia -Profile work -ApiKey $key -PassThru).BaseUri.Host
            (Connect-Meshia -ApiKey $key -PassThru).BaseUri.Host
            $env:MESHIA_BASE_URI = $null
            (Connect-Meshia -ApiKey $key -PassThru).BaseUri.Host
            """, ("key", ModuleSession.NewKey()));

        Assert.Equal(["parameter.example", "profile.example", "profile.example", "environment.example", "run.meshia.io"], hosts.Select(host => host.ToString()));
    }

    [Fact]
    public void A_key_given_beside_a_profile_is_not_said_to_come_from_its_vault()
    {
        _account.Save("work", ModuleSession.NewKey());

        var connection = Assert.Single(_account.Session.Output("Connect-Meshia -Profile work -ApiKey $key -PassThru", ("key", ModuleSession.NewKey())));

        Assert.Equal("Parameter", connection.Properties["KeySource"].Value.ToString());
        Assert.Equal("work", connection.Properties["Profile"].Value);
        Assert.Null(connection.Properties["Vault"].Value);
    }

    [Theory]
    [InlineData("-ApiKey $key")]
    [InlineData("")]
    public void A_profile_that_does_not_exist_is_an_error_even_with_a_key(string arguments)
    {
        Account.Key = ModuleSession.NewKey();

        var result = _account.Session.Invoke($"Connect-Meshia -Profile wrok {arguments}", ("key", ModuleSession.NewKey()));

        Assert.Equal("ProfileNotFound,Meshia.PowerShell.ConnectMeshia", result.Error.FullyQualifiedErrorId);
        Assert.Contains("Get-MeshiaConnection -ListAvailable", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_taken_as_a_SecureString_and_as_a_string()
    {
        var key = ModuleSession.NewKey();

        var shown = _account.Session.Output("(Connect-Meshia -ApiKey $text -PassThru).Key; (Connect-Meshia -ApiKey $secure -PassThru).Key; (Connect-Meshia $text -PassThru).Key", ("text", key), ("secure", Account.Secure(key)));

        Assert.Equal(Enumerable.Repeat(Account.Shown(key), 3), shown.Select(item => item.ToString()));
    }

    [Theory]
    [InlineData("''", "InvalidConnection")]
    [InlineData("$null", "ParameterArgumentValidationError")]
    [InlineData("'sk-of-another-service'", "InvalidConnection")]
    public void An_empty_or_wrong_key_is_refused_before_anything_is_sent(string key, string id)
    {
        // In a pipeline an unset secret is an empty variable; that must not fall through to another account.
        Account.Key = ModuleSession.NewKey();

        var result = _account.Session.Invoke($"Connect-Meshia -ApiKey {key}");

        Assert.StartsWith($"{id},", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("another-service", result.Error.ToString(), StringComparison.Ordinal);
    }

    private (Dictionary<string, string> Keys, string Arguments) Prepare(string present, Uri? baseUri = null)
    {
        var keys = _order.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => $"{ModuleSession.NewKey()}_{pair.index.ToString("0000", CultureInfo.InvariantCulture)}");
        var sources = present.Split(' ');
        if (sources.Contains("Profile"))
            _account.Save("work", keys["Profile"], baseUri);
        if (sources.Contains("DefaultProfile"))
            _account.Save("default", keys["DefaultProfile"], baseUri);
        Account.Key = sources.Contains("Environment") ? keys["Environment"] : null;
        Account.Address = baseUri?.AbsoluteUri;
        return (keys, (sources.Contains("Parameter") ? "-ApiKey $key " : "") + (sources.Contains("Profile") ? "-Profile work" : ""));
    }
}
