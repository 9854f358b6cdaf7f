using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class ArtifactCmdletTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-artifacts-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_that_lies_there_already_is_kept_and_not_fetched()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = Connect(sandbox);
        const string Save = "Get-MeshiaExperiment -Status completed | Get-MeshiaArtifact -Name metrics.json | Save-MeshiaArtifact -Destination $folder";

        var first = session.Output(Save);
        var second = session.Output(Save);

        Assert.NotEmpty(first);
        Each.Of(first, file => Assert.True(file.Properties["Downloaded"].Value is true));
        Each.Of(second, file => Assert.True(file.Properties["Downloaded"].Value is false));
        Assert.Equal(first.Select(file => file.Properties["Path"].Value), second.Select(file => file.Properties["Path"].Value));
    }

    [Fact]
    public async Task Another_file_of_that_name_is_an_error_unless_forced_and_the_others_come()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var path = Path.Combine(_folder.CreateSubdirectory("exp_1").FullName, "art_1.txt");
        await File.WriteAllTextAsync(path, "mine", TestContext.Current.CancellationToken);
        const string Save = "Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder";

        var result = session.Invoke(Save, ("folder", _folder.FullName));

        Assert.Equal("art_2", Assert.Single(result.Output).Properties["ArtifactId"].Value);
        Assert.Equal(("FileError,Meshia.PowerShell.SaveMeshiaArtifact", "art_1"), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject));
        Assert.Contains(path, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        session.Output($"{Save} -Force");
        Assert.Equal(ScriptedAccount.Content, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_that_cannot_be_fetched_is_an_error_leaves_nothing_and_the_others_come()
    {
        await using var service = await ScriptedService.StartAsync((request, context) => request.Path.EndsWith("/artifacts/art_1/download", StringComparison.Ordinal)
            ? Reply.Error(404, "artifact_not_found").SendAsync(context.Response)
            : ScriptedAccount.AnswerAsync(request, context));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder", ("folder", _folder.FullName));

        Assert.Equal("art_2", Assert.Single(result.Output).Properties["ArtifactId"].Value);
        Assert.Equal(("artifact_not_found,Meshia.PowerShell.SaveMeshiaArtifact", "art_1", ErrorCategory.ObjectNotFound), (result.Error.FullyQualifiedErrorId, result.Error.TargetObject, result.Error.CategoryInfo.Category));
        Assert.Equal([".meshia-artifacts", "art_2.txt"], _folder.GetFiles("*", SearchOption.AllDirectories).Select(file => file.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_id_alone_saves_the_file_under_its_id_and_with_its_experiment_under_its_name()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var alone = Assert.Single(session.Output("Save-MeshiaArtifact art_1 $folder", ("folder", _folder.FullName)));
        var known = Assert.Single(session.Output("Save-MeshiaArtifact art_1 -ExperimentId exp_1 -Destination $folder", ("folder", _folder.FullName)));

        Assert.Equal((Path.Combine(_folder.FullName, "art_1"), "None"), (alone.Properties["Path"].Value, alone.Properties["Verified"].Value.ToString()));
        Assert.Equal((Path.Combine(_folder.FullName, "exp_1", "art_1.txt"), "Size"), (known.Properties["Path"].Value, known.Properties["Verified"].Value.ToString()));
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("..")]
    [InlineData("a/b\\c:d*e?")]
    public async Task No_name_leads_out_of_the_folder(string name)
    {
        await using var service = await ScriptedService.StartAsync((request, context) => request.Path.EndsWith("/experiments/exp_1/artifacts", StringComparison.Ordinal)
            ? Reply.Ok($$"""[{"id":"art_1","experiment_id":"../up","name":{{System.Text.Json.JsonSerializer.Serialize(name)}}}]""").SendAsync(context.Response)
            : ScriptedAccount.AnswerAsync(request, context));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var destination = Path.Combine(_folder.FullName, "in", "here");

        var saved = Assert.Single(session.Output("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder", ("folder", destination)));

        var file = Assert.Single(_folder.GetFiles("*", SearchOption.AllDirectories), file => file.Name != ".meshia-artifacts");
        Assert.Equal(saved.Properties["Path"].Value, file.FullName);
        Assert.Equal(destination, file.Directory!.Parent!.FullName);
    }

    [Fact]
    public async Task A_destination_that_is_a_file_is_one_error_for_each()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var path = Path.Combine(_folder.FullName, "taken");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);

        var result = session.Invoke("Get-MeshiaArtifact exp_1 | Save-MeshiaArtifact -Destination $folder", ("folder", path));

        Assert.Null(result.Terminating);
        Assert.Equal(["art_1", "art_2"], result.Errors.Select(error => error.TargetObject));
        Each.Of(result.Errors, error => Assert.StartsWith("FileError,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
    }

    private ModuleSession Connect(LocalSandbox sandbox)
    {
        var session = sandbox.Connect();
        session.Runspace.SessionStateProxy.SetVariable("folder", _folder.FullName);
        return session;
    }
}
